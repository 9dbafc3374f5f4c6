"""Rules across the fields of a declared type, beside pydantic's validators; what breaks one is asked for again alone.

    from extract.checks import check, checksum, total

    @check(total("total", of="lines[].amount"), checksum("iban", "iban"))
    class Invoice(BaseModel): ...

A rule that holds for one call only is given to it: ``client.extract(T, document, checks=[ordered("start", "end")])``.
"""

from extract.schema import Check, check, checksum, one_of, ordered, product, rule, run_checks, total, unique

__all__ = ["Check", "check", "checksum", "one_of", "ordered", "product", "rule", "run_checks", "total", "unique"]
