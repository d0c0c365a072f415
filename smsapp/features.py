"""The list of features: whoever adds one adds it here."""

from flask import Flask

# Every model must be known before the first query, whichever feature is asked first.
import smsapp.audiences.models
import smsapp.campaigns.models
import smsapp.contacts.models
import smsapp.delivery.models
import smsapp.gateways.models
import smsapp.message_templates.models
import smsapp.quota.models
import smsapp.settings.models  # noqa: F401
from smsapp.accounts import profile_routes as profile
from smsapp.accounts import routes as accounts
from smsapp.accounts import user_routes as users
from smsapp.audiences import routes as audiences
from smsapp.campaigns import incoming_routes as incoming
from smsapp.campaigns import popup_tool_routes as popup
from smsapp.campaigns import resend_routes as campaigns
from smsapp.campaigns import unclear_routes as unclear
from smsapp.contacts import block_routes as block_list
from smsapp.contacts import company_routes as companies
from smsapp.contacts import routes as contacts
from smsapp.contacts.importing import routes as imports
from smsapp.delivery import kannel_routes as kannel
from smsapp.gateways import routes as gateways
from smsapp.help import routes as help_pages
from smsapp.message_templates import routes as message_templates
from smsapp.overview import health_routes as health
from smsapp.overview import routes as overview
from smsapp.quota import routes as quota
from smsapp.settings import country_routes as sender_countries
from smsapp.settings import routes as settings

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        accounts,
        profile,
        users,
        overview,
        health,
        contacts,
        companies,
        block_list,
        imports,
        audiences,
        campaigns,
        unclear,
        incoming,
        kannel,
        popup,
        message_templates,
        help_pages,
        quota,
        settings,
        gateways,
        sender_countries,
    )
)


def register(app: Flask) -> None:
    """Register every feature's pages."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
