"""Secret keys made once and kept beside the data, readable by the platform's own account only."""

import secrets
from pathlib import Path


def kept(path: Path) -> bytes:
    """The 32 bytes kept in a file, made the first time; two processes at once keep the first one's."""
    try:
        return bytes.fromhex(path.read_text().strip())
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{secrets.token_hex(8)}")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_hex(32))
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return bytes.fromhex(path.read_text().strip())
