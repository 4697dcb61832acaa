"""What the routes of the reports are registered with."""

from flask import Blueprint

blueprint = Blueprint("reports", __name__, template_folder="templates")
