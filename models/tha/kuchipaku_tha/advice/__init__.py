"""What about a picture will make its character worse, with a reason and a remedy for each."""

from kuchipaku_tha.advice.advice import Advice, Severity, refuse_errors
from kuchipaku_tha.advice.examination import examine

__all__ = ["Advice", "Severity", "examine", "refuse_errors"]
