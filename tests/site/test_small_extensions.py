"""Descriptions of pages, warnings that last, and the Chinese interface."""


def test_page_describes_itself(tiny_book):
    book = tiny_book("notesite.pages.page_meta", page_description="全书")
    book.write(
        index="---\ndescription: '这一页 <\"&'\n---\n# T\n\n```{toctree}\na\n```\n", a="# A\n"
    ).build()
    assert '<meta name="description" content="这一页 &lt;&quot;&amp;" />' in book.html()
    for name in ("a", "search"):
        assert '<meta name="description" content="全书" />' in book.html(name)
