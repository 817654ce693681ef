"""The interface's operations: written by scripts/make_client.py, not by hand."""

from typing import Literal

from zhicheng_client import models
from zhicheng_client.transport import Stream, Transport, quoted


class Client(Transport):
    """职称证书开放数据接口 1.0.0."""

    def get_key(self) -> models.KeyOut:
        """本次使用的密钥。"""
        answer: models.KeyOut = self.call("GET", "/key")
        return answer

    def list_series(self) -> list[models.SeriesOut]:
        """职称系列。"""
        answer: list[models.SeriesOut] = self.call("GET", "/reference/series")
        return answer

    def list_levels(self) -> list[models.LevelOut]:
        """级别。"""
        answer: list[models.LevelOut] = self.call("GET", "/reference/levels")
        return answer

    def list_grades(self) -> list[models.ReferenceItem]:
        """等级。"""
        answer: list[models.ReferenceItem] = self.call("GET", "/reference/grades")
        return answer

    def list_regions(self) -> list[models.RegionOut]:
        """区县。"""
        answer: list[models.RegionOut] = self.call("GET", "/reference/regions")
        return answer

    def list_qualifications(self, *, series: str = "") -> list[models.QualificationOut]:
        """资格名称。"""
        answer: list[models.QualificationOut] = self.call(
            "GET", "/reference/qualifications", query={"series": series}
        )
        return answer

    def list_changes(
        self,
        *,
        after: int = 0,
        limit: int = 200,
        id_numbers: Literal["masked", "whole"] = "masked",
    ) -> models.ChangesOut:
        """证书变更序列。"""
        answer: models.ChangesOut = self.call(
            "GET",
            "/certificates/changes",
            query={"after": after, "limit": limit, "id_numbers": id_numbers},
        )
        return answer

    def export_certificates(
        self,
        *,
        format_: Literal["ndjson", "ndjson.gz", "parquet"] = "ndjson",
        id_numbers: Literal["masked", "whole"] = "masked",
    ) -> Stream:
        """证书批量导出。"""
        return self.stream(
            "GET", "/certificates/export", query={"format": format_, "id_numbers": id_numbers}
        )

    def get_certificate(
        self,
        number: str,
        *,
        id_numbers: Literal["masked", "whole"] = "masked",
    ) -> models.CertificateOut:
        """一个证书。"""
        answer: models.CertificateOut = self.call(
            "GET", f"/certificates/{quoted(number)}", query={"id_numbers": id_numbers}
        )
        return answer

    def list_revocations(self) -> models.RevocationsOut:
        """失效清单。"""
        answer: models.RevocationsOut = self.call("GET", "/revocations")
        return answer

    def get_signed_revocations(self) -> models.SignedOut:
        """失效清单（JWS 签名）。"""
        answer: models.SignedOut = self.call("GET", "/revocations/jws")
        return answer

    def get_cose_revocations(self) -> Stream:
        """失效清单（COSE 签名）。"""
        return self.stream("GET", "/revocations/cose")

    def import_approvals(
        self,
        body: models.ApprovalsIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.ApprovalsOut:
        """报送核准文件（JSON）。"""
        answer: models.ApprovalsOut = self.call(
            "POST", "/approvals", body=body, idempotency_key=idempotency_key
        )
        return answer

    def get_approval(self, *, document_number: str | None = None) -> models.ApprovalOut:
        """核准文件的证书办到了哪一步。"""
        answer: models.ApprovalOut = self.call(
            "GET", "/approvals", query={"document_number": document_number}
        )
        return answer

    def import_approvals_file(
        self,
        body: bytes,
        *,
        idempotency_key: str | None = None,
    ) -> models.ApprovalsOut:
        """报送核准文件（Excel）。"""
        answer: models.ApprovalsOut = self.call(
            "POST", "/approvals/file", body=body, idempotency_key=idempotency_key
        )
        return answer

    def create_register(
        self,
        body: models.RegisterIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.RegisterOut:
        """报送登记表（JSON）。"""
        answer: models.RegisterOut = self.call(
            "POST", "/registers", body=body, idempotency_key=idempotency_key
        )
        return answer

    def list_registers(
        self,
        *,
        state: models.RegisterState | None = None,
        limit: int = 50,
    ) -> models.RegistersOut:
        """登记表清单。"""
        answer: models.RegistersOut = self.call(
            "GET", "/registers", query={"state": state, "limit": limit}
        )
        return answer

    def create_register_file(
        self,
        body: bytes,
        *,
        year: int | None = None,
        idempotency_key: str | None = None,
    ) -> models.RegisterOut:
        """报送登记表（Excel）。"""
        answer: models.RegisterOut = self.call(
            "POST",
            "/registers/file",
            query={"year": year},
            body=body,
            idempotency_key=idempotency_key,
        )
        return answer

    def replace_register(
        self,
        number: str,
        body: models.RegisterIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.RegisterOut:
        """更换登记表内容（JSON）。"""
        answer: models.RegisterOut = self.call(
            "PUT", f"/registers/{quoted(number)}", body=body, idempotency_key=idempotency_key
        )
        return answer

    def get_register(self, number: str) -> models.RegisterOut:
        """登记表的状态和检查结果。"""
        answer: models.RegisterOut = self.call("GET", f"/registers/{quoted(number)}")
        return answer

    def replace_register_file(
        self,
        number: str,
        body: bytes,
        *,
        idempotency_key: str | None = None,
    ) -> models.RegisterOut:
        """更换登记表内容（Excel）。"""
        answer: models.RegisterOut = self.call(
            "PUT", f"/registers/{quoted(number)}/file", body=body, idempotency_key=idempotency_key
        )
        return answer

    def verify_certificates(
        self,
        body: models.VerificationsIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.VerificationsOut:
        """批量核验证书。"""
        answer: models.VerificationsOut = self.call(
            "POST", "/verifications", body=body, idempotency_key=idempotency_key
        )
        return answer

    def get_verification_job(self, token: str) -> models.VerificationsOut:
        """批量核验的结果。"""
        answer: models.VerificationsOut = self.call("GET", f"/verifications/jobs/{quoted(token)}")
        return answer

    def report_self_issued(
        self,
        body: models.SelfIssuedIn,
        *,
        idempotency_key: str | None = None,
    ) -> models.SelfIssuedOut:
        """报送自主发放证书。"""
        answer: models.SelfIssuedOut = self.call(
            "POST", "/self-issued", body=body, idempotency_key=idempotency_key
        )
        return answer

    def get_self_issued_report(self, number: str) -> models.SelfIssuedOut:
        """自主发放证书报送的状态。"""
        answer: models.SelfIssuedOut = self.call("GET", f"/self-issued/{quoted(number)}")
        return answer
