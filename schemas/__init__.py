"""Ready-made declarations of everyday documents: a name in, its root model out.

Import the one you need, ``from extract.schemas.invoice import Invoice``, or find it by name::

    Invoice = extract.schemas.load("invoice")

They are ordinary pydantic models: subclass them, or copy one and change it.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from extract.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["ROOTS", "load"]

ROOTS = MappingProxyType(
    {
        "bank_statement": "BankStatement",
        "business_card": "BusinessCard",
        "contract": "Contract",
        "identity_document": "IdentityDocument",
        "insurance_claim": "InsuranceClaim",
        "intake_form": "IntakeForm",
        "invoice": "Invoice",
        "job_posting": "JobPosting",
        "purchase_order": "PurchaseOrder",
        "receipt": "Receipt",
        "resume": "Resume",
        "shipping_label": "ShippingLabel",
    }
)
"""Each module's name and the class of its root model."""


def load(name: str) -> type[BaseModel]:
    """Return a ready-made root model by its module's name; ``-`` and capitals are forgiven.

    Raises:
        ConfigError: When there is none of that name.
    """
    module = name.strip().lower().replace("-", "_")
    if module not in ROOTS:
        raise ConfigError(f"no ready-made declaration is named {name!r}", advice=f"there are {', '.join(ROOTS)}")
    root: type[BaseModel] = getattr(import_module(f"extract.schemas.{module}"), ROOTS[module])
    return root
