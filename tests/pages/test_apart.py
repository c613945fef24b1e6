"""The pages are apart: who asks the API alone pays nothing for them, and it is whole without them."""

from pathlib import Path

from tests.project import Copy


def test_who_asks_the_api_alone_pays_nothing_for_pages(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    said = copy.run(
        "python",
        "-c",
        "import sys; from app.config import Settings; from app.main import create_app; create_app(Settings());"
        "print([name for name in sys.modules if name == 'jinja2' or name.startswith('app.pages')])",
    )
    assert said.strip() == "['app.pages', 'app.pages.routes']"


def test_without_the_package_the_api_is_whole(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    document = copy.run("python", "-m", "app", "openapi")
    for path in (copy.folder / "app" / "pages").rglob("*"):
        if path.is_file():
            path.unlink()
    main = copy.folder / "app" / "main.py"
    lines = main.read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if "page_routes" not in line and "start_routes" not in line]
    assert len(lines) - len(kept) == 3
    main.write_text("\n".join(kept), encoding="utf-8")
    assert copy.run("python", "-m", "app", "openapi") == document
    assert "app.pages" not in copy.run("python", "-c", "import sys, app.main; print(*sys.modules)")
