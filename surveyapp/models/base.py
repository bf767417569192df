"""The declarative base: named constraints, so that a migration and an error message can speak of them."""

from decimal import Decimal

from sqlalchemy import JSON, BigInteger, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: JSON text in SQLite, JSONB in PostgreSQL
Json = JSON().with_variant(JSONB(), "postgresql")
#: the same, where nothing is a NULL of the database
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Code = String(80)
Name = String(300)
LongText = Text()
Hash = String(64)


class Exact(TypeDecorator):
    """An exact decimal with up to six places, kept as an integer of millionths: SQLite has no decimals of its own."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value, _dialect):
        if value is None:
            return None
        millionths = Decimal(value).scaleb(6)
        if millionths != millionths.to_integral_value():
            raise ValueError(f"{value} has more than six decimal places")
        return int(millionths)

    def process_result_value(self, value, _dialect):
        return None if value is None else Decimal(value).scaleb(-6)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {Decimal: Exact}
