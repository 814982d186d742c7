"""Pictures are decoded and written anew: what they showed stays, all else is gone."""

import struct
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from app.attachments.service.contents import JPEG, refused
from app.core.i18n import N_

MAX_PIXELS = 40_000_000
MAX_SIDE = 4096
QUALITY = 85
GREY_OR_COLOUR = frozenset({"L", "RGB"})
PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})

TOO_LARGE = N_("“{name}”的像素太多（超过 4000 万），请缩小后再传。")
UNREADABLE = N_("“{name}”不是能打开的图片，可能已损坏。请重新拍摄或另存后再传。")
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow raises on pictures that are broken, by accident or on purpose.
BROKEN = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
)


def redrawn(name: str, content: bytes, media_type: str) -> bytes:
    """Return the picture upright, at most 4096 pixels a side, without position or other data.

    Raises Invalid where it cannot be decoded or is too large to be.
    """
    kind = "JPEG" if media_type == JPEG else "PNG"
    try:
        with Image.open(BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise refused(TOO_LARGE, name)
            return _written(_upright(picture), kind)
    except BOMBS as error:
        raise refused(TOO_LARGE, name) from error
    except BROKEN as error:
        raise refused(UNREADABLE, name) from error


def _upright(picture: Image.Image) -> Image.Image:
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    turned = ImageOps.exif_transpose(picture)
    for name in set(turned.info) - {"transparency"}:
        del turned.info[name]  # comments, profiles and positions would be written again
    return turned


def _written(picture: Image.Image, kind: str) -> bytes:
    allowed = GREY_OR_COLOUR if kind == "JPEG" else PNG_MODES
    if picture.mode not in allowed:
        picture = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    out = BytesIO()
    if kind == "JPEG":
        picture.save(out, kind, quality=QUALITY, optimize=True, progressive=True)
    else:
        picture.save(out, kind)
    return out.getvalue()
