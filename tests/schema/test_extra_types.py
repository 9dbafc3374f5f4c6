"""The types of pydantic-extra-types come back from their wire form as they went."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Optional

import pytest
from pydantic import TypeAdapter, create_model

from extract.schema import Schema

pytest.importorskip("pydantic_extra_types")

EXTRA: list[tuple[str, list[Any]]] = [
    ("color.Color", ["red", "#ff000080", "hsl(270, 60%, 50%)"]),
    ("coordinate.Latitude", [41.5]),
    ("coordinate.Longitude", [-2.25]),
    ("coordinate.Coordinate", ["41.4,2.2", (1.5, 2.5)]),
    ("country.CountryAlpha2", ["DE"]),
    ("country.CountryAlpha3", ["DEU"]),
    ("country.CountryNumericCode", ["276"]),
    ("country.CountryShortName", ["Germany"]),
    ("cron.CronStr", ["*/5 * * * *"]),
    ("currency_code.ISO4217", ["EUR"]),
    ("currency_code.Currency", ["EUR"]),
    ("domain.DomainStr", ["example.com"]),
    ("dsn.PostgresDsn", ["postgres://u:p@h:5/d"]),
    ("dsn.MongoDsn", ["mongodb://h:27017/d"]),
    ("dsn.RedisDsn", ["redis://h:6379/0"]),
    ("epoch.Number", [1.5]),
    ("epoch.Integer", [1_704_067_200]),
    ("iban.IBAN", ["DE89370400440532013000"]),
    ("isbn.ISBN", ["9788537809662"]),
    ("language_code.LanguageAlpha2", ["de"]),
    ("language_code.LanguageName", ["German"]),
    ("language_code.ISO639_3", ["deu"]),
    ("language_code.ISO639_5", ["gem"]),
    ("mac_address.MacAddress", ["00:00:5e:00:53:01"]),
    ("mime_types.MimeType", ["text/html"]),
    ("mime_types.Text", ["text/csv"]),
    ("mongo_object_id.MongoObjectId", ["5f9f2f4b9d3c5a7b4c7e6c1d"]),
    ("path.ResolvedNewPath", ["/no-such-name"]),
    ("payment.PaymentCardNumber", ["4242424242424242"]),
    ("pendulum_dt.DateTime", ["2024-01-02T03:04:05+02:00"]),
    ("pendulum_dt.Time", ["03:04:05"]),
    ("pendulum_dt.Date", ["2024-01-02"]),
    ("pendulum_dt.Duration", ["P3DT4H"]),
    ("phone_numbers.PhoneNumber", ["+4930123456"]),
    ("routing_number.ABARoutingNumber", ["122105155"]),
    ("s3.S3Path", ["s3://b/k/x.csv"]),
    ("script_code.ISO_15924", ["Cyrl"]),
    ("semantic_version.SemanticVersion", ["1.2.3-rc.1"]),
    ("semver.ManifestVersion", ["1.2.3"]),
    ("timezone_name.TimeZoneName", ["Europe/Berlin"]),
    ("ulid.ULID", ["01BTGNYV6HRNK8K8VKZASZCFPE"]),
    ("uuid_types.UUID7", ["01890a5d-ac96-774b-bcce-b302099a8057"]),
]


def declared(name: str) -> Any:
    """Find a type; skip where what it needs is not installed."""
    module, _, kind = name.partition(".")
    try:
        return getattr(import_module(f"pydantic_extra_types.{module}"), kind)
    except (ImportError, RuntimeError, AttributeError) as error:
        pytest.skip(f"{name}: {error}".split("\n", 1)[0])


@pytest.mark.parametrize(("name", "given"), EXTRA, ids=[name for name, _ in EXTRA])
def test_an_extra_type_comes_back(name, given, round_trip):
    """Alone, as a key, and in the places where unions and defaults stand."""
    kind = declared(name)
    values = [TypeAdapter(kind).validate_python(each) for each in given]
    round_trip(Schema.of(kind), *values)
    round_trip(Schema.of(list[kind]), values)
    if all(getattr(each, "__hash__", None) for each in values):
        round_trip(Schema.of(dict[kind, int]), dict.fromkeys(values, 1))
    fields: Any = {
        "maybe": (Optional[kind], None),  # noqa: UP045 - not every kind can be joined by |
        "many": (list[kind], []),
        "by": (dict[str, kind], {}),
    }
    held = create_model("Held", **fields)
    for each in values:
        full = held.model_construct(maybe=each, many=[each], by={"a": each})
        round_trip(Schema.of(held), held(), full, held.model_construct(maybe=None, many=[], by={}))
