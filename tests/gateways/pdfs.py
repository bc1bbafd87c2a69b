"""PDFs that must be refused, made with pypdf, and one reason for each."""

import io
from collections.abc import Callable
from functools import cache

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from tests import builders


def _written(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(builders.pdf("Bonjour"))))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _action(kind: str, **values: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/S"): NameObject(f"/{kind}")}
        | {NameObject(f"/{name}"): TextStringObject(value) for name, value in values.items()}
    )


def opening(kind: str, **values: str) -> Callable[[PdfWriter], object]:
    """An action done when the document opens."""
    return lambda writer: writer._root_object.update({NameObject("/OpenAction"): _action(kind, **values)})


def on_a_page(kind: str, **values: str) -> Callable[[PdfWriter], object]:
    """An action of a link on the page."""

    def change(writer: PdfWriter) -> None:
        link = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Link"),
                NameObject("/A"): writer._add_object(_action(kind, **values)),
            }
        )
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link)])

    return change


def _in_an_array(writer: PdfWriter) -> None:
    """A chain of actions, the second of which runs a script."""
    first = _action("GoTo")
    first[NameObject("/Next")] = ArrayObject([_action("JavaScript", JS="app.alert(1)")])
    writer._root_object[NameObject("/OpenAction")] = first


def _named_script(writer: PdfWriter) -> None:
    names = ArrayObject([TextStringObject("a"), _action("JavaScript", JS="app.alert(1)")])
    tree = DictionaryObject({NameObject("/Names"): names})
    writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): tree})


def _xfa(writer: PdfWriter) -> None:
    form = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>"), NameObject("/Fields"): ArrayObject()})
    writer._root_object[NameObject("/AcroForm")] = form


@cache
def active() -> dict[str, bytes]:
    """By what is active in them."""
    return {
        "a script": _written(_named_script),
        "a script when it opens": _written(opening("JavaScript", JS="app.alert(1)")),
        "a script behind another action": _written(_in_an_array),
        "a script on a page": _written(on_a_page("JavaScript", JS="app.alert(1)")),
        "a program": _written(opening("Launch", F="cmd.exe")),
        "a program on a page": _written(on_a_page("Launch", F="cmd.exe")),
        "a form that sends": _written(on_a_page("SubmitForm", F="https://ailleurs.example")),
        "data that come in": _written(on_a_page("ImportData", F="a.fdf")),
        "a form of forms": _written(_xfa),
    }


def _both(writer: PdfWriter) -> None:
    writer.add_attachment("virus.exe", b"MZ")
    opening("JavaScript", JS="app.alert(1)")(writer)


@cache
def embedding() -> dict[str, bytes]:
    """By the files that are inside."""
    return {
        "a file inside": _written(lambda writer: writer.add_attachment("virus.exe", b"MZ")),
        "a way into a file inside": _written(on_a_page("GoToE")),
    }


@cache
def script_and_file() -> bytes:
    """The worse of the two is told."""
    return _written(_both)


@cache
def encrypted() -> bytes:
    """Behind a password."""
    return _written(lambda writer: writer.encrypt("secret", algorithm="RC4-128"))


@cache
def unlocked() -> bytes:
    """Encrypted with an empty password: it opens, but is not what it says."""
    return _written(lambda writer: writer.encrypt("", "propriétaire", algorithm="RC4-128"))


def harmless() -> bytes:
    """With a link to a page of the web, which is no danger."""
    return _written(on_a_page("URI", URI="https://www.service-public.fr"))


def with_letters_that_no_one_tells() -> bytes:
    """A page that is shown as it should be, whose font says which letters it has by a filter that nobody knows."""
    content = builders.pdf("Bonjour")
    start = content.index(b"/Type/CMap") if b"/Type/CMap" in content else content.index(b"/Type /CMap")
    filtered = content.index(b"FlateDecode", start)
    return content[:filtered] + b"XlateDecode" + content[filtered + len(b"XlateDecode") :]


def with_a_page_cut_short() -> bytes:
    """A page whose drawing stops in the middle of a word."""

    def change(writer: PdfWriter) -> None:
        drawing = StreamObject()
        drawing.set_data(b"BT (Bonj")
        writer.pages[0][NameObject("/Contents")] = writer._add_object(drawing)

    return _written(change)


@cache
def endless(length: int = 30_000_000) -> bytes:
    """Small, and of one word after the other for ever where it is read: the drawing is far larger than the file."""

    def change(writer: PdfWriter) -> None:
        drawing = StreamObject()
        drawing.set_data(b"BT " + b"(((a))) Tj " * (length // 11) + b"(")
        writer.pages[0][NameObject("/Contents")] = writer._add_object(drawing.flate_encode())

    return _written(change)
