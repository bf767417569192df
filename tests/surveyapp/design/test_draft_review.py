"""A second person approves a draft, sends it back, or it is thrown away."""



from tests.surveyapp.design.drafting import follow, form_of, signed_in, version_of


def test_review_by_a_second_person_publishes(app, client, draft):
    page = f"{draft}/duyet"
    client.post(page, page, act="gui", revision="1")
    assert "tự duyệt" in client.get(page)
    client.post(page, page, 409, act="duyet", revision="1")
    other = signed_in(app, "second")
    assert "Chưa ghi lý do" in other.post(page, page, 422, act="tra", reason=" ", revision="1")
    other.post(page, page, act="tra", reason="Câu 2 <b>khó</b> hiểu", revision="1")
    assert "Câu 2 &lt;b&gt;khó&lt;/b&gt; hiểu" in client.get(draft)
    client.post(page, page, act="gui", revision="1")
    assert "chờ duyệt" in client.get(f"{draft}/cau/went")
    client.post(f"{draft}/them-trang", page, 409, label="x", revision="1")
    assert "bản mới nhất" in follow(other, page, page, act="duyet", revision="7")
    other.post(page, page, act="duyet", revision="1")
    assert "phiên bản" in other.get("/thiet-ke/phieu/grouped/1")
    assert "đã duyệt lúc" in client.get(page)
    assert "Duyệt và phát hành phiếu" in signed_in(app, "administrator").get("/tai-khoan/nhat-ky")


def test_faults_keep_it_from_review(client, draft):
    client.post(f"{draft}/them-trang", draft, label="Trống", revision="1")
    assert "không có câu hỏi" in client.post(f"{draft}/duyet", draft, 422, act="gui", revision="2")
    assert "Gửi duyệt</button>" not in client.get(f"{draft}/duyet")


def test_the_review_names_what_differs_from_the_version_before(app, client):
    page = "/thiet-ke/nhap/"
    client.post(page, page, cach="phien-ban", **{"phien-ban": version_of(app, "citizen")})
    client.post("/thiet-ke/nhap/1/them-trang", "/thiet-ke/nhap/1", label="Trang thêm", revision="1")
    assert "trang_them" in client.get("/thiet-ke/nhap/1/duyet")
    assert "Rất không hài lòng = 0 %" in client.get("/thiet-ke/nhap/1/cau/procedures_posted")


def test_a_discarded_draft_is_gone(client, draft):
    client.post(f"{draft}/bo", f"{draft}/bo")
    client.get(draft, 404)


def test_a_downloaded_draft_begins_another(app, client, draft):
    answer = client.http.get(f"{draft}/tai-ve")
    page = "/thiet-ke/nhap/"
    client.post(page, page, cach="tep", file=(answer.data, "g.yaml"))
    assert form_of(app, "/thiet-ke/nhap/2") == form_of(app, draft)
