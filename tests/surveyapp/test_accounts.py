"""Accounts: rules for names and passwords, the throttle, hashes that grow with their parameters; on both databases."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from documents.faults import Faults
from surveyapp.errors import LoginThrottled, Refused
from surveyapp.extensions import db
from surveyapp.models import Account, AuditEntry, LoginFailure
from surveyapp.queries import accounts as stored
from surveyapp.services import accounts, audit

NOW = datetime(2024, 11, 5, 8, 0)
PASSWORD = "con trâu đi cày ruộng"


@pytest.fixture
def lan(app_context):
    return accounts.create_account("Lan.Tran", "Trần Thị Lan", "analyst", PASSWORD)


def test_an_account_keeps_its_name_in_small_letters_and_its_password_as_argon2(lan):
    assert lan.username == "lan.tran"
    assert lan.password_hash.startswith("$argon2id$")
    assert PASSWORD not in lan.password_hash


def test_all_faults_of_a_new_account_are_named_at_once(app_context):
    with pytest.raises(Faults) as refused:
        accounts.create_account("á b", " ", "chief", "ngắn")
    assert [fault.place for fault in refused.value.faults] == ["Tên đăng nhập", "Họ tên", "Vai trò", "Mật khẩu"]
    assert stored.all_accounts() == []


@pytest.mark.parametrize("password", ["a" * 11, "a" * 201, "aaaaaaaaaaaaaa", "lan.tranlan.tran"])
def test_weak_or_endless_passwords_are_refused(app_context, password):
    with pytest.raises(Faults):
        accounts.create_account("lan.tran", "Lan", "analyst", password)


def test_a_name_is_given_once(lan):
    with pytest.raises(Faults, match="đã có người dùng"):
        accounts.create_account("LAN.TRAN", "Lan Hai", "designer", PASSWORD)


def test_right_name_and_password_open_and_nothing_else_does(lan):
    assert accounts.authenticate(" LAN.tran ", PASSWORD, NOW).id == lan.id
    assert accounts.authenticate("lan.tran", PASSWORD + " ", NOW) is None
    assert accounts.authenticate("nobody", PASSWORD, NOW) is None
    assert accounts.authenticate("lan.tran\x00", PASSWORD, NOW) is None


def test_a_locked_account_stays_out(lan):
    accounts.set_active(lan.id, False)
    assert accounts.authenticate("lan.tran", PASSWORD, NOW) is None


def test_five_failures_lock_a_name_for_the_window_whether_it_exists_or_not(lan):
    for name in ("lan.tran", "nobody"):
        for _ in range(5):
            assert accounts.authenticate(name, "sai sai sai sai", NOW) is None
        with pytest.raises(LoginThrottled):
            accounts.authenticate(name, PASSWORD, NOW + timedelta(minutes=14))
    assert accounts.authenticate("lan.tran", PASSWORD, NOW + timedelta(minutes=15)).id == lan.id


def test_a_success_forgets_the_failures_before_it(lan):
    for _ in range(4):
        accounts.authenticate("lan.tran", "sai sai sai sai", NOW)
    assert accounts.authenticate("lan.tran", PASSWORD, NOW) is not None
    for _ in range(4):
        accounts.authenticate("lan.tran", "sai sai sai sai", NOW)
    assert accounts.authenticate("lan.tran", PASSWORD, NOW) is not None


def test_the_tried_name_is_not_kept_in_clear(lan):
    accounts.authenticate("mat-khau-go-nham", "x", NOW)
    kept = db.session.scalars(select(LoginFailure.who_hash)).one()
    assert len(kept) == 64
    assert "mat-khau" not in kept


def test_an_older_hash_is_renewed_at_login(app_context, lan):
    before = lan.password_hash
    app_context.config["ARGON2"] = app_context.config["ARGON2"] | {"time_cost": 2}
    accounts.authenticate("lan.tran", PASSWORD, NOW)
    db.session.expire_all()
    after = db.session.get(Account, lan.id).password_hash
    assert after != before
    assert "t=2" in after
    assert accounts.authenticate("lan.tran", PASSWORD, NOW) is not None


def test_changing_ones_password_asks_for_the_present_one(lan):
    with pytest.raises(Faults) as refused:
        accounts.change_own_password(lan.id, "không phải nó", "ngắn", NOW)
    assert len(refused.value.faults) == 2
    accounts.change_own_password(lan.id, PASSWORD, "mật khẩu mới dài hơn", NOW)
    assert accounts.authenticate("lan.tran", "mật khẩu mới dài hơn", NOW) is not None


def test_the_last_administrator_can_neither_leave_nor_be_locked(app_context, lan):
    chief = accounts.create_account("chief", "Quản trị", "administrator", PASSWORD)
    with pytest.raises(Refused):
        accounts.set_active(chief.id, False)
    with pytest.raises(Refused):
        accounts.change_role(chief.id, "analyst")
    accounts.change_role(lan.id, "administrator")
    accounts.set_active(chief.id, False)
    assert stored.active_administrators() == 1


def test_the_log_can_be_added_to_and_nothing_else(lan):
    audit.record(lan.id, "login", "lan.tran")
    assert db.session.scalars(select(AuditEntry.action)).all() == ["login"]
    for statement in ("UPDATE audit_entries SET subject = ''", "DELETE FROM audit_entries"):
        with pytest.raises(Exception, match="audit_entry"):
            db.session.execute(text(statement))
        db.session.rollback()
