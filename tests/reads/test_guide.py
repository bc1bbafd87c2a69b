"""The guides as pages: all of them listed, found without accents, and nothing in them but what a guide is made of."""

import re
from pathlib import Path

import pytest

from backend.reads import guide

ALLOWED = set("h2 h3 h4 p ul ol li strong em code pre a img table thead tbody tr th td blockquote hr br".split())
"""What the screen shows of a guide; see frontend/src/guide/body.tsx."""


def test_every_file_is_listed_and_every_listed_one_is_there() -> None:  # R-GUI-01
    files = {one.stem for one in guide.folder().glob("*.md")}
    assert {one.slug for one in guide.every()} == files


def test_a_guide_is_a_page_with_its_sections_and_pictures() -> None:  # R-GUI-01
    found = guide.one("acces-multi-comptes-etablissements")
    assert found is not None
    assert "comprendre-ce-quelle-permet" in {one.anchor for one in found.sections}
    assert '<h2 id="prolonger" tabindex="-1">Prolonger</h2>' in found.body
    assert 'href="/guides/acces-multi-comptes-centralisateur"' in found.body
    for name in re.findall(r'src="/guides/images/([^"]+)"', found.body):
        assert (guide.pictures() / name).is_file()
    assert guide.one("absent") is None


@pytest.mark.parametrize("slug", [one.slug for one in guide.every()])
def test_a_page_is_made_of_what_the_screen_shows(slug: str) -> None:
    found = guide.one(slug)
    assert found is not None
    assert set(re.findall(r"<([a-z0-9]+)", found.body)) <= ALLOWED
    assert not re.search(r"<(img|br|hr)[^>]*[^/]>", found.body)


def test_what_is_sought_is_found_whatever_its_accents_and_case() -> None:  # R-GUI-01
    [first, *_] = guide.search(None, "ACCUSE de reception")
    assert first.guide.slug == "vos-courriers"
    assert first.extract is not None
    assert "ccusé" in first.extract
    assert guide.search("OPERATOR", "accuse")[0].guide.slug == "deposer-une-campagne"
    assert guide.search(None, "zibeline") == []
    assert len(guide.search(None, "")) == len(guide.every())


def test_html_in_a_file_is_text_and_a_harmful_link_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guides.toml").write_text('[essai]\naudience = "EVERYONE"\nupdated = 2026-01-01\nabout = "Un essai."\n')
    (tmp_path / "essai.md").write_text(
        '# Essai\n\n<script>alert(1)</script> <b onclick=x>gras</b> [clic](javascript:alert(1)) ![i](x.png "t")\n'
    )
    monkeypatch.setattr(guide, "folder", lambda: tmp_path)
    body = guide._read("essai", {"audience": "EVERYONE", "about": "Un essai.", "updated": None}).body
    assert "<script" not in body
    assert "<b " not in body
    assert "href" not in body
