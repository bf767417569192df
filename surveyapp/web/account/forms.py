"""What staff type on the account pages. The rules live in services/accounts; here only the fields' names and labels."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from surveyapp.services.accounts import PASSWORD_LENGTH
from surveyapp.web.account.access import ROLE_NAMES

LENGTH_HINT = f"Ít nhất {PASSWORD_LENGTH} ký tự, ví dụ bốn từ bất kỳ ghép lại."
ROLES = [SelectChoice(value=role, label=name) for role, name in ROLE_NAMES.items()]


class SignInForm(FlaskForm):
    username = StringField("Tên đăng nhập", render_kw={"autocomplete": "username", "autocapitalize": "none"})
    password = PasswordField("Mật khẩu", render_kw={"autocomplete": "current-password"})


class AccountForm(FlaskForm):
    username = StringField("Tên đăng nhập", description="Chữ thường không dấu, chữ số, dấu chấm, gạch nối.",
                           render_kw={"autocomplete": "off", "autocapitalize": "none"})
    display_name = StringField("Họ tên", render_kw={"autocomplete": "off"})
    role = SelectField("Vai trò", choices=ROLES)
    password = PasswordField("Mật khẩu ban đầu", description=LENGTH_HINT, render_kw={"autocomplete": "new-password"})


class RoleForm(FlaskForm):
    role = SelectField("Vai trò", choices=ROLES)


class ResetPasswordForm(FlaskForm):
    password = PasswordField("Mật khẩu mới", description=LENGTH_HINT, render_kw={"autocomplete": "new-password"})


class OwnPasswordForm(FlaskForm):
    present = PasswordField("Mật khẩu hiện tại", render_kw={"autocomplete": "current-password"})
    new = PasswordField("Mật khẩu mới", description=LENGTH_HINT, render_kw={"autocomplete": "new-password"})
    repeated = PasswordField("Nhập lại mật khẩu mới", render_kw={"autocomplete": "new-password"})
