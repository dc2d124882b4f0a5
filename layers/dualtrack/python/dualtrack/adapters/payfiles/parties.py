"""Who pays and who is paid, as ISO 20022 writes it; what a bank would refuse is refused before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from dualtrack.adapters.payfiles.cells import UNREADABLE, formula, visible
from dualtrack.domain.errors import Problem, Refused, problem, refuse
from dualtrack.domain.payouts import Payout
from dualtrack.domain.published import Payee, Publication
from dualtrack.domain.setup import Debtor

NAME_LENGTH, ACCOUNT_LENGTH, CODE_LENGTH = 140, 34, 35  # Max140Text, Max34Text, Max35Text
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
# National bank codes by the currency that is cleared there: ISO 20022 external code set
# ClearingSystemIdentification. A code of another form is written without the name of a clearing system.
CLEARING: Mapping[str, tuple[str, str]] = {
    "AUD": ("AUBSB", r"[0-9]{6}"),
    "CAD": ("CACPA", r"[0-9]{9}"),
    "CNY": ("CNAPS", r"[0-9]{12}|[0-9]{14}"),
    "GBP": ("GBDSC", r"[0-9]{6}"),
    "HKD": ("HKNCC", r"[0-9]{3}"),
    "INR": ("INFSC", r"[A-Z]{4}0[A-Z0-9]{6}"),
    "JPY": ("JPZGN", r"[0-9]{7}"),
    "NZD": ("NZNCC", r"[0-9]{6}"),
    "USD": ("USABA", r"[0-9]{9}"),
}


def tag(name: str, *inner: str) -> str:
    """An element around elements."""
    return f"<{name}>{''.join(inner)}</{name}>"


def text(name: str, content: str) -> str:
    """An element around text."""
    return tag(name, escape(content))


def iban(account: str) -> bool:
    """Whether an account is an IBAN by its form and its check digits (ISO 13616, ISO 7064 mod 97-10)."""
    if not IBAN.fullmatch(account):
        return False
    return int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1


def account(number: str, scheme: str = "") -> str:
    """The id of an account: an IBAN if it is one, else a number of its own kind."""
    if not scheme and iban(number):
        return tag("Id", text("IBAN", number))
    named = tag("SchmeNm", text("Prtry", scheme)) if scheme else ""
    return tag("Id", tag("Othr", text("Id", number), named))


def bank(code: str, currency: str) -> str:
    """A bank by its BIC, or by its national code in the currency's clearing system."""
    if BIC.fullmatch(code):
        return tag("FinInstnId", text("BICFI", code))
    system, form = CLEARING.get(currency, ("", ""))
    named = tag("ClrSysId", text("Cd", system)) if system and re.fullmatch(form, code) else ""
    return tag("FinInstnId", tag("ClrSysMmbId", named, text("MmbId", code)))


def debtor(found: Debtor) -> str:
    """Who pays, from which account at which bank."""
    return (
        tag("Dbtr", text("Nm", found.name))
        + tag("DbtrAcct", account(found.account), text("Ccy", found.currency))
        + tag("DbtrAgt", bank(found.bank, found.currency))
    )


def creditor(payee: Payee, payout: Payout) -> str:
    """Who is paid. Whose account only payroll knows is named by the employee's id alone."""
    agent = tag("CdtrAgt", bank(payee.bank, payout.currency)) if payee.bank else ""
    who = text("Nm", payee.name) if payee.name else _employee(payout.employee)
    where = account(payee.account) if payee.account else account(payout.employee, "EMPLOYEE")
    return agent + tag("Cdtr", who) + tag("CdtrAcct", where)


def _employee(employee: str) -> str:
    """EMPL is the external code of an employee's number."""
    return tag("Id", tag("PrvtId", tag("Othr", text("Id", employee), tag("SchmeNm", text("Cd", "EMPL")))))


def check(publication: Publication) -> Mapping[str, Debtor]:
    """The debtor of each currency; refuses everything that a bank would refuse, all at once."""
    payers = {found.currency: found for found in publication.setup.debtors}
    problems = [*_payers(publication, payers), *_payees(publication)]
    if problems:
        raise Refused(*problems)
    return payers


def _payers(publication: Publication, payers: Mapping[str, Debtor]) -> Iterator[Problem]:
    for currency in sorted({payout.currency for payout in publication.payable}):
        if currency not in payers:
            remedy = "name the account that it is paid from in the pay setup"
            yield problem("no_debtor", "debtors", currency, remedy)
            continue
        found = payers[currency]
        about = f"debtors.{currency}"
        yield from _name(f"{about}.name", found.name)
        yield from _account(f"{about}.account", found.account)
        yield from _code(f"{about}.bank", found.bank)


def _payees(publication: Publication) -> Iterator[Problem]:
    stored = publication.setup.accounts == "tenant"
    for payout in publication.payable:
        about, payee = f"employee {payout.employee}", publication.payees.get(payout.employee, Payee())
        if payee.name or stored:
            yield from _name(f"{about}: name", payee.name)
        if payee.account or stored:
            yield from _account(f"{about}: account", payee.account)
        else:
            yield from _printable("employee", payout.employee, payout.employee)
        if payee.bank:
            yield from _code(f"{about}: bank", payee.bank)


def _name(field: str, found: str) -> Iterator[Problem]:
    """Two characters of it are shown at most: a refusal may end up in a log."""
    shown = f"{visible(found[:2])}…"
    if not found.strip() or len(found) > NAME_LENGTH:
        remedy = f"give a name of at most {NAME_LENGTH} characters"
        yield problem("payee_name", field, f"{len(found)} characters", remedy)
    if UNREADABLE.search(found):
        yield problem("control_character", field, shown, "take out the characters that cannot be printed")
    if formula(found):
        yield problem("formula_like", field, shown, "mend the name: it begins like a formula")


def _account(field: str, found: str) -> Iterator[Problem]:
    """Its value is masked: a refusal may end up in a log."""
    masked = f"…{found[-4:]}" if len(found) > 8 else "…"
    yield from _printable(field, found, masked if found else "missing")
    if IBAN.fullmatch(found) and not iban(found):
        yield problem("iban_check", field, masked, "the check digits of the IBAN are wrong: ask for it again")


def _printable(field: str, found: str, shown: str) -> Iterator[Problem]:
    if not found.strip() or len(found) > ACCOUNT_LENGTH or UNREADABLE.search(found):
        remedy = f"give 1 to {ACCOUNT_LENGTH} printable characters"
        yield problem("payee_account", field, shown, remedy)


def _code(field: str, found: str) -> Iterator[Problem]:
    if not re.fullmatch(rf"[A-Z0-9]{{1,{CODE_LENGTH}}}", found):
        yield problem("bank_code", field, found or "missing", "give a BIC or a national bank code")


def short(field: str, found: str, most: int) -> str:
    """A text that a message has room for; refuses a longer one and one that cannot be printed."""
    if not found or len(found) > most or UNREADABLE.search(found):
        raise refuse("too_long", field, found, f"at most {most} printable characters fit into a pain.001")
    return found
