"""Bank accounts of employees: what one is, when it is refused, and how it is shown to people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dualtrack.domain.errors import Problem, problem
from dualtrack.domain.money import EXPONENTS

SHOWN = 4  # digits of an account that anybody but the bank sees
IBAN_LENGTHS = range(15, 35)
LONGEST = 34
TEXT = 140  # characters of a name: ISO 20022, Max140Text
FORMULA = tuple("=+-@＝＋－＠")  # a bank file with such a cell is refused, so an account with one is too


@dataclass(frozen=True, slots=True)
class Account:
    """Where an employee's money goes. ``bank``: BIC or national bank code; ``branch`` may be empty."""

    employee: str
    name: str
    account: str
    bank: str
    currency: str
    branch: str = ""


def masked(account: str) -> str:
    """An account as it may be shown: its last four characters, and none of a short one."""
    return f"•••• {account[-SHOWN:]}" if len(account) > 2 * SHOWN else "••••"


def problems(account: Account, where: str) -> Iterator[Problem]:
    """Everything that is wrong with an account; its number is never repeated in full."""
    shown = masked(account.account)
    for name in ("employee", "name", "account", "bank"):
        if not getattr(account, name).strip():
            yield problem("missing", f"{where} {name}", "", "every account has one")
    if account.currency not in EXPONENTS:
        known = ", ".join(sorted(EXPONENTS))
        yield problem("unknown_currency", f"{where} currency", account.currency, f"use one of {known}")
    if not (account.account.isascii() and account.account.isalnum()) or len(account.account) > LONGEST:
        remedy = f"letters and digits without spaces, at most {LONGEST}"
        yield problem("payee_account", f"{where} account", shown, remedy)
    elif looks_like_iban(account.account) and not iban(account.account):
        yield problem("iban_check", f"{where} account", shown, "its check digits are wrong: copy it anew")
    for name in ("employee", "name", "bank", "branch"):
        yield from _text(getattr(account, name), f"{where} {name}", may_begin=name == "employee")


def _text(said: str, where: str, may_begin: bool) -> Iterator[Problem]:
    """What is wrong with a text that goes into the files of banks; ids may be phone numbers, with a plus."""
    if len(said) > TEXT:
        yield problem("too_long", where, said[:SHOWN], f"at most {TEXT} characters")
    if not said.isprintable():
        yield problem("control_character", where, ascii(said[:SHOWN]), "take out what cannot be printed")
    if said.startswith(FORMULA) and not may_begin:
        yield problem("formula_like", where, said[:SHOWN], "banks refuse what begins like a formula")


def looks_like_iban(account: str) -> bool:
    """Two letters and two digits in front, as every IBAN has."""
    return len(account) in IBAN_LENGTHS and account[:2].isalpha() and account[2:4].isdigit()


def iban(account: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616: mod 97 is 1)."""
    turned = account[4:] + account[:4]
    return int("".join(str(int(each, 36)) for each in turned.upper())) % 97 == 1
