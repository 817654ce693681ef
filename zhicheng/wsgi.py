"""The WSGI application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from zhicheng.commands.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhicheng.settings.production")
end_with_parent()
application = get_wsgi_application()
if os.environ.get("ZHICHENG_PROXIES"):
    from granian.utils.proxies import wrap_wsgi_with_proxy_headers

    trusted = [proxy.strip() for proxy in os.environ["ZHICHENG_PROXIES"].split(",")]
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=trusted)
