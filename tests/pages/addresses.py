"""Every address of the product, by who may have something there."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from zhicheng.layouts.models import LayoutVersion, Printer

PUBLIC = {
    "/",
    "/notice/",
    "/login/",
    "/healthz",
    "/robots.txt",
    "/v/",
    "/v/worker.js",
    "/v/manifest.webmanifest",
    "/historic/register/",
    "/historic/progress/",
    "/reissues/apply/",
    "/reissues/progress/",
    "/reissues/form.pdf",
    "/fonts/rare.css",
    "/e/",
    "/e/verify/",
    "/report/",
    "/holder/",
    "/log/",
    "/.well-known/zhicheng-keys.json",
    "/.well-known/zhicheng-keys.cbor",
    "/api/v1/",
    "/api/v1/openapi.json",
    "/guidance/handbook/",
    "/guidance/handbook.pdf",
}
# Public too, but nothing without the right question.
ASKING = {"/log/checkpoint", "/log/consistency", "/log/inclusion", "/log/leaves"}
# For whoever proved to be a certificate's holder; all others are asked for the proof.
HOLDERS = {"/holder/certificate/", "/holder/lookups/"}
# Of a register and of what belongs to it.
OF_REGISTER = (
    "/registers/{register}/",
    "/registers/{register}/findings/",
    "/registers/{register}/missing/",
    "/registers/{register}/paper/",
    "/registers/{register}/history/",
    "/registers/{register}/versions/",
    "/registers/{register}/versions/1/",
    "/registers/{register}/compare/?from=1&to=1",
    "/registers/{register}/numbers/",
    "/registers/{register}/source/",
    "/blanks/allotments/{register}/",
    "/blanks/allotments/{register}/slip.pdf",
    "/blanks/left-over/{register}/intermediate/",
    "/blanks/exchange/{register}/intermediate/",
    "/certificates/registers/{register}/",
    "/certificates/transfers/{slip}/",
    "/certificates/transfers/{slip}/slip.pdf",
    "/certificates/{certificate}/",
    "/photos/registers/{register}/",
    "/certificates/printing/{job}/",
)
# Of those who issue: an embosser is told so, others don't learn that there is anything.
OF_ISSUERS = (
    "/certificates/registers/{register}/issued/",
    "/certificates/agents/{agent}/authorisation/",
    "/certificates/signed-lists/{signed}/",
)
# Those that answer to POST alone, or that need more than an object's id.
STEPS = (
    "/registers/{register}/submit/",
    "/registers/{register}/withdraw/",
    "/registers/{register}/endorse/",
    "/registers/{register}/accept/",
    "/registers/{register}/return/",
    "/registers/{register}/numbers/",
    "/registers/{register}/export/",
    "/registers/{register}/compare/export/",
    "/registers/{register}/marked/",
    "/registers/{register}/paper/scans/",
    "/registers/{register}/versions/1/settle/",
    "/registers/{register}/paper/print/",
    "/blanks/allotments/{register}/allot/",
    "/blanks/allotments/{register}/hand-over/",
    "/blanks/allotments/{register}/receive/",
    "/blanks/left-over/{register}/intermediate/return/",
    "/blanks/left-over/{register}/intermediate/carry-over/",
    "/blanks/left-over/{register}/intermediate/transfer/",
    "/blanks/exchange/{register}/intermediate/request/",
    "/blanks/exchange/{register}/intermediate/take-back/",
    "/certificates/registers/{register}/fill/",
    "/certificates/registers/{register}/print/",
    "/certificates/registers/{register}/otherwise/",
    "/certificates/registers/{register}/spoil/",
    "/certificates/registers/{register}/seal/",
    "/certificates/registers/{register}/emboss/",
    "/certificates/registers/{register}/issue/",
    "/certificates/registers/{register}/signature-list.pdf",
    "/certificates/registers/{register}/signed-lists/",
    "/certificates/transfers/{slip}/scan/",
    "/certificates/transfers/{slip}/remove/",
    "/certificates/transfers/{slip}/send/",
    "/certificates/transfers/{slip}/cancel/",
    "/certificates/transfers/{slip}/receive/",
    "/certificates/transfers/{slip}/return/",
    "/certificates/transfers/{slip}/take-back/",
    "/certificates/agents/{agent}/reveal/",
    "/certificates/{certificate}/reveal/",
    "/photos/registers/{register}/bulk/",
    "/certificates/{certificate}/print/",
    "/certificates/printing/{job}/load/",
    "/certificates/printing/{job}/recut/",
    "/certificates/printing/{job}/confirm/",
    "/certificates/printing/{job}/prepare/",
    "/certificates/printing/{job}/cancel/",
    "/certificates/printing/{job}/1.pdf",
)
# The same of an online document and one of its electronic certificates.
OF_ONLINE = (
    "/electronic/documents/{document}/",
    "/electronic/certificates/{certificate}/",
    "/certificates/{certificate}/",
)
ONLINE_STEPS = (
    "/electronic/documents/{document}/make/",
    "/electronic/documents/{document}/files.zip",
    "/electronic/certificates/{certificate}/file.pdf",
    "/electronic/certificates/{certificate}/photo/",
)
OF_LAYOUTS = (
    "/layouts/{layout}/",
    "/layouts/{layout}/export.toml",
    "/layouts/{layout}/background/",
    "/layouts/{layout}/compare/{layout}/",
    "/layouts/printers/{printer}/",
    "/layouts/printers/{printer}/ruler.pdf",
    "/layouts/printers/{printer}/test.pdf",
)


def plain_addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """All addresses without a variable part."""
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from plain_addresses(item.url_patterns, path)
        elif "<" not in path and "static" not in path:
            yield path


def addresses(names: dict[str, int]) -> list[str]:
    """All that can be asked for by GET: the plain ones, and those of these objects."""
    own = [path.format(**names) for path in (*OF_REGISTER, *OF_ISSUERS)]
    layout = {"layout": LayoutVersion.objects.get().pk, "printer": Printer.objects.get().pk}
    own += [path.format(**layout) for path in OF_LAYOUTS]
    return sorted(set(plain_addresses(get_resolver().url_patterns))) + own
