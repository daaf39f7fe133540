"""An animation in a page; what it does in a browser is in tests/studio/test_keyboard.py."""

from handloom.reports.moving import moving


def test_a_name_is_text() -> None:
    made = moving(b"GIF89a", '<b>"')
    assert 'src="data:image/gif;base64,R0lGODlh"' in made
    assert 'alt="&lt;b&gt;&#34;"' in made
    assert "prefers-reduced-motion" in made
