"""Settings: what the product needs, with a safe default or none at all.

Every name may be set in the environment with the prefix `BIHUAN_`, for instance
`BIHUAN_SMTP_HOST=mail.example.com`.
"""

DEFAULTS: dict[str, object] = {
    "SQLALCHEMY_DATABASE_URI": "",  # empty: a SQLite file in the instance folder
    "SECRET_KEY": "",  # empty: kept in the instance folder, made at the first start
    "DATA_KEY": "",  # encrypts telephone numbers; the same
    "FILES_FOLDER": "",  # attachments; empty: instance/files
    "MAIL_FOLDER": "",  # .eml files while no SMTP host is set; empty: instance/outbox
    "AUDIT_ANCHOR": "",  # where audit heads are written; empty: instance/audit-anchor.log
    "PAGE_SIZE": 25,
    "MAX_CONTENT_LENGTH": 60 * 1024 * 1024,  # three attachments and their form
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    "ARGON2_FAST": False,  # cheap password hashes, for tests only
    "SESSION_COOKIE_NAME": "bihuan",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SECURE": False,  # set to true behind HTTPS
    "TRUSTED_HOSTS": None,
    "PUBLIC_URL": "http://127.0.0.1:8000",  # what links in mail begin with
    "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "BOOTSTRAP_SERVE_LOCAL": True,
    "PROXY_HOPS": 0,  # proxies of ours in front, each of which adds to X-Forwarded-For
    "TELL_LIMITS": True,  # false only to measure how much the machine bears
    "SMTP_HOST": "",
    "SMTP_PORT": 587,
    "SMTP_SECURITY": "starttls",  # starttls, tls or none
    "SMTP_USER": "",
    "SMTP_PASSWORD": "",
    "SMTP_TIMEOUT": 20,  # seconds for each step; at most 40
    "SMTP_CONNECTIONS": 4,  # at a time
    "SMTP_PER_CONNECTION": 100,  # letters, before it is made anew
    "SMTP_PER_SECOND": "",  # letters at most; 0: as many as go; empty: as suits the process
    "MAIL_FROM": "",
    "IMAP_HOST": "",  # where mail that came back is read; empty: nowhere
    "IMAP_PORT": 993,
    "IMAP_SECURITY": "tls",  # tls, starttls or none
    "IMAP_USER": "",
    "IMAP_PASSWORD": "",
    "IMAP_FOLDER": "INBOX",
    "IMAP_PROCESSED": "Processed",  # where it is moved; if it cannot be, it is marked as read
    "SMS_HOSTS": "",  # hosts of text-message services that an office may enter, with commas
    "SMS_ALLOW_PRIVATE": False,  # for tests: plain HTTP, and addresses in the house
    "WTF_CSRF_TIME_LIMIT": None,  # as long as the session; drafts outlive an hour
}
