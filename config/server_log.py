"""gunicorn's own lines, written as ours are: without addresses that open a page, without the words of exceptions, and
as JSON with MENSETSU_LOG=json."""

import logging
import sys
from typing import Any

from gunicorn import glogging

from mensetsu.web import log_lines


class WithoutAddresses(logging.Filter):
    """gunicorn writes the address of a request that it could not read, or that broke. Here it tells the kind."""

    def filter(self, record: logging.LogRecord) -> bool:
        sentence = str(record.msg)
        if sentence.startswith("Invalid request"):
            # It is told while the exception is handled, and its words are in the sentence already.
            record.msg, record.args = "request_unreadable problem=%s", (type(sys.exc_info()[1]).__name__,)
        elif sentence.startswith("Error handling request"):
            record.msg, record.args = "request_broken", ()
        return True


class Log(glogging.Logger):
    """Named by `logger_class`. Not by `logconfig_dict`: with that, gunicorn prepares a line of its access log for every
    request, also when nobody reads it."""

    form: logging.Formatter = log_lines.Lines(glogging.Logger.error_fmt, glogging.Logger.datefmt)
    form_of_requests: logging.Formatter | None = None  # gunicorn's own

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.addFilter(WithoutAddresses())
            handler.setFormatter(self.form)
        for handler in self.access_log.handlers:
            handler.addFilter(WithoutAddresses())
            if self.form_of_requests is not None:
                handler.setFormatter(self.form_of_requests)


class JsonLog(Log):
    form = form_of_requests = log_lines.JsonLines()
