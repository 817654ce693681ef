"""A client of the open data interface for certificates of professional title.

from zhicheng_client import Client
client = Client("https://zs.example.gov.cn", "zck_…")
page = client.list_changes(after=0)
"""

from zhicheng_client.operations import Client
from zhicheng_client.transport import Problem, Stream

__all__ = ["Client", "Problem", "Stream"]
