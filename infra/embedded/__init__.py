"""The embedded AWS: the whole stack on one machine, without Docker or an account.

``start`` a server, ``deploy`` tenants into it, ``stop`` it: the server and every function worker
belong to one process group, so stopping leaves nothing behind, also after Ctrl-C or a failed start.
"""

from infra.embedded.cdk import deploy, outputs
from infra.embedded.server import Embedded, NotStarted, attach, start

__all__ = ["Embedded", "NotStarted", "attach", "deploy", "outputs", "start"]
