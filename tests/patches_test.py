#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of the patches that tools/eval takes: in all the forms that people have them,
applied as git am, patch and quilt would, and refused for the reason that is true.
"""

import base64
import bz2
import gzip
import lzma
import os
import quopri
import re
import shutil
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
from analysis_test import Case, write  # noqa: E402
from evidence import intake, patches  # noqa: E402
from evidence.tool import Unusable  # noqa: E402

LINES = [f"\tline {n};" for n in range(30)]
POOL = "\n".join(["void *dma_pool_alloc(void);", *LINES]) + "\n"
DIFF = "diff --git a/mm/dmapool.c b/mm/dmapool.c\n"


def git(tree: Path, *words) -> str:
    return subprocess.run(["git", "-C", tree, "-c", "user.name=a", "-c", "user.email=b",
                           *words], check=True, capture_output=True, text=True).stdout


class Sources(Case):
    """A small kernel tree with three commits: two change the pool, one its header."""

    def setUp(self):
        super().setUp()
        self.tree, self.runs = self.folder / "linux", 0
        (self.tree / "mm").mkdir(parents=True)
        (self.tree / "include").mkdir()
        git(self.tree, "init", "-q", "-b", "main")
        self.commit("base", POOL, "0")
        first = POOL.replace("line 3;", "line three;")
        self.commit("first: a long way to go", first, "1")
        self.commit("second", first.replace("line 4;", "line four;").replace(
            "line 20;", "line zwölf;"), "1")
        self.series = self.folder / "series"
        git(self.tree, "format-patch", "-q", "--cover-letter", "-o", self.series,
            "HEAD~2")
        self.after = (self.tree / "mm/dmapool.c").read_bytes()
        git(self.tree, "checkout", "-q", "HEAD~2")

    def commit(self, subject: str, pool: str, header: str) -> None:
        write(self.tree / "mm/dmapool.c", pool)
        write(self.tree / "include/dmapool.h", header)
        git(self.tree, "add", "-A")
        git(self.tree, "commit", "-qm", subject)

    def diff(self, *words: str, only: str = ".") -> str:
        """Both commits as one diff."""
        return git(self.tree, "diff", *words, "HEAD", "main", "--", only)

    def prefixed(self, before: str, after: str) -> str:
        return self.diff(f"--src-prefix={before}", f"--dst-prefix={after}")

    def traditional(self, before: str, after: str) -> str:
        """As diff -up and quilt write them."""
        return "\n".join(
            f"{line}\t2026-01-01 00:00:00" if line.startswith(("--- ", "+++ ")) else line
            for line in self.prefixed(before, after).split("\n")
            if not line.startswith(("diff ", "index ")))

    def pool_only(self, *words: str) -> str:
        return self.diff(*words, only="mm")

    def change(self, *paths: Path) -> patches.Change:
        self.runs += 1
        return patches.of_patches(list(paths), self.tree, self.folder / str(self.runs))

    def assert_after(self, change: patches.Change) -> None:
        self.assertEqual(change.base.path.read_text(), POOL)
        self.assertEqual(change.new.path.read_bytes(), self.after)

    def assert_taken(self, name: str, data: str | bytes) -> patches.Change:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        change = self.change(path)
        self.assert_after(change)
        return change

    def assert_refused(self, words: str, *paths: Path) -> None:
        with self.assertRaises(Unusable, msg=words) as caught:
            self.change(*paths)
        self.assertIn(words, str(caught.exception))
        self.assertTrue(str(caught.exception).isprintable())
        self.assertLess(str(caught.exception).count("\n"), 1)

    def assert_text_refused(self, words: str, data: str | bytes) -> None:
        path = self.folder / "refused"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        self.assert_refused(words, path)


# --- series ----------------------------------------------------------------------------

class Series(Sources):
    def mails(self) -> list[str]:
        return [path.read_text() for path in sorted(self.series.iterdir())]

    def test_a_folder(self):
        change = self.change(self.series)
        self.assert_after(change)
        self.assertIn("not measured, only mm/dmapool.c is: include/dmapool.h",
                      change.told)
        # The tree itself stays as it is.
        self.assertEqual((self.tree / "mm/dmapool.c").read_text(), POOL)

    def test_files_in_order(self):
        self.assert_after(self.change(*sorted(self.series.iterdir())))

    def test_a_mailbox(self):
        self.assert_taken("series.mbox", "".join(self.mails()))

    def test_a_maildir(self):
        for name in "cur", "new", "tmp":
            (self.folder / "Maildir" / name).mkdir(parents=True)
        cover, first, second = self.mails()
        for name, mail in (("cur/1:2,S", second), ("new/2", first), ("new/3", cover)):
            # A Maildir has no lines that begin a mail.
            write(self.folder / "Maildir" / name, mail.partition("\n")[2])
        self.assert_after(self.change(self.folder / "Maildir"))

    def test_the_series_of_quilt(self):
        folder = self.folder / "patches"
        folder.mkdir()
        _, first, second = self.mails()
        write(folder / "z.patch", first)
        (folder / "a.patch.gz").write_bytes(gzip.compress(second.encode()))
        write(folder / "unused.patch", first)
        write(folder / "series", "# mine\n\nz.patch -p1\na.patch.gz # the second\n")
        self.assert_after(self.change(folder))
        self.assert_after(self.change(folder / "series"))
        for text, words in (("z.patch -R\n", "takes z.patch back (-R)"),
                            ("none.patch\n", "none.patch cannot be read"),
                            ("# z.patch\n", "names no patch")):
            write(folder / "series", text)
            self.assert_refused(words, folder)

    def thread(self, *mails: tuple[str, str]) -> bytes:
        """A mailbox of these subjects and texts, as archives of mailing lists have it."""
        return "\n".join(
            "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: a <a@b>\n"
            f"Subject: {subject}\n\n{text}" for subject, text in mails).encode()

    def test_a_thread(self):
        _, first, second = (mail.partition("\n\n")[2] for mail in self.mails())
        quoted = "".join(f"> {line}\n" for line in first.splitlines())
        change = self.assert_taken("t.mbox.gz", gzip.compress(self.thread(
            ("[PATCH v2 0/2] two", f"Both, which is:\n\n{self.diff()}"),
            ("=?utf-8?q?=5BPATCH_v2_2/2=5D_zw=C3=B6lf?=", second),
            ("Re: [PATCH v2 2/2] zwölf", f"Why?\n{quoted}"),
            ("Re: [PATCH v2 1/2] first", f"Rather so:\n\n{second}\n and {quoted}"),
            ("[PATCH v2 1/2] first", first), ("[PATCH v2 1/2] first", first),
            ("[PATCH 1/1] old", first.replace("line three;", "line drei;")))))
        self.assertEqual(change.told[1:4], [
            "left out, answers a patch: Re: [PATCH v2 1/2] first",
            "left out, a cover letter: [PATCH v2 0/2] two",
            "left out, older than v2: [PATCH 1/1] old"])

    def test_a_patch_that_is_missing_in_a_thread_is_told(self):
        _, first, second = (mail.partition("\n\n")[2] for mail in self.mails())
        change = self.assert_taken("t.mbox", self.thread(
            ("[RFC 3/3] second", second), ("[RFC 1/3] first", first)))
        self.assertIn("missing in the series: patch 2", change.told)

    def test_an_answer_may_be_all_there_is(self):
        self.assert_taken("t.mbox", self.thread(("Re: dmapool", self.diff())))


# --- forms -----------------------------------------------------------------------------

class Forms(Sources):
    def mail(self, encoding: str, body: bytes, charset: str = "utf-8") -> bytes:
        return (b"Received: from a by b;\n\tMon, 1 Jan 2026 00:00:00 +0000\nFrom: "
                b"=?utf-8?q?=C3=A9?= <a@b>\nSubject: [PATCH] a\nMIME-Version: 1.0\n"
                b"Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: %s"
                b"\n\n%s" % (charset.encode(), encoding.encode(), body))

    def test_mails(self):
        text = f"Why.\n---\n 2 files changed\n\n{self.diff()}-- \n2.39.5\n".encode()
        for name, mail in (
                ("8bit", self.mail("8bit", text)),
                ("qp", self.mail("quoted-printable", quopri.encodestring(text))),
                ("base64", self.mail("base64", base64.encodebytes(text))),
                ("bom", self.mail("base64", base64.encodebytes(b"\xef\xbb\xbf" + text))),
                ("packed", self.mail("base64", base64.encodebytes(gzip.compress(text)))),
                ("latin", self.mail("8bit", text.decode().encode("latin-1"),
                                    "iso-8859-1")),
                ("unknown", self.mail("8bit", text, "none-such"))):
            self.assert_taken(f"{name}.eml", mail)
            self.assert_taken(f"{name}.dos", mail.replace(b"\n", b"\r\n"))
            self.assert_taken(f"{name}.mbox", b"From a Thu Jan  1 00:00:00 1970\n" + mail)

    def multipart(self, *parts: tuple[str, bytes]) -> bytes:
        head = b"From: a@b\nSubject: s\nContent-Type: multipart/mixed; boundary=B\n\n"
        return head + b"".join(
            b"--B\nContent-Type: %s\nContent-Transfer-Encoding: base64\n\n%s\n"
            % (kind.encode(), base64.encodebytes(data)) for kind, data in parts
        ) + b"--B--\n"

    def test_attachments(self):
        first, second = (path.read_bytes()
                         for path in sorted(self.series.glob("000[12]*")))
        diff = self.diff().encode()
        words, page = ("text/plain", b"See the file.\n"), (
            "text/html", b"<html><pre>\n" + diff + b"</pre></html>")
        unknown = "application/octet-stream; name=a.patch"
        for name, *parts in (
                ("inline", words, ("text/x-patch", diff.replace(b"\n", b"\r\n"))),
                ("page", ("text/plain", diff), page),
                ("unknown", words, (unknown, diff)),
                ("packed", words, ("application/gzip", gzip.compress(diff))),
                ("both", words, (unknown, first), (unknown, second)),
                ("mailbox", words, ("application/mbox", first + second)),
                ("inside", words, ("multipart/mixed; boundary=C", b""), (unknown, diff))):
            self.assert_taken(name, self.multipart(*parts))

    def test_compressed(self):
        diff = self.diff().encode()
        for pack in gzip.compress, bz2.compress, lzma.compress:
            # By what it is, not by how it is called.
            self.assert_taken("a.patch", pack(diff))
            self.assert_text_refused("cannot be decompressed", pack(diff)[:-9])

    def test_other_systems(self):
        dos = self.diff().replace("\n", "\r\n")
        self.assert_taken("dos", dos)
        for charset in "utf-8-sig", "utf-16":
            self.assert_taken(charset, self.diff().encode(charset))
            self.assert_taken(charset, dos.encode(charset))

    def test_what_stands_before_it(self):
        diff = self.traditional("linux-6.12.orig/", "linux-6.12/")
        index = "Index: linux-6.12/mm/dmapool.c\n" + "=" * 67 + "\n"
        for before in ("", index, f"From: a@b\nSubject: c\n\nWhy.\n\n{index}",
                       f"mm: why\n\n{index}", "commit 0123\nAuthor: a\n\n    why\n\n"):
            change = self.assert_taken("a.diff", before + diff)
            self.assertIn("include/dmapool.h", change.told[1])

    def test_what_was_copied_from_a_page(self):
        for edit in (lambda text: text.rstrip("\n"),
                     lambda text: re.sub("^(?=.)", "    ", text, flags=re.MULTILINE),
                     lambda text: "Look:\n" + re.sub("^", "\t", text,
                                                     flags=re.MULTILINE)):
            for text in self.diff(), self.traditional("a/", "b/"):
                self.assert_taken("a", edit(text))

    def test_a_context_diff(self):
        for name, text in (("a", POOL), ("b", self.after.decode())):
            (self.folder / name / "mm").mkdir(parents=True)
            write(self.folder / name / "mm/dmapool.c", text)
        done = subprocess.run(["diff", "-cp", "a/mm/dmapool.c", "b/mm/dmapool.c"],
                              cwd=self.folder, capture_output=True, text=True,
                              check=False)
        self.assert_taken("context", f"Why: so.\n\n{done.stdout}\n-- \nme\n")

    def test_names(self):
        for before, after in (("a/", "b/"), ("", ""), ("i/", "w/")):
            self.assertEqual(len(self.assert_taken(
                "a", self.prefixed(before, after)).told), 2)
        for before, after, name in (
                ("a/linux/", "b/linux/", "linux/mm/dmapool.c"),
                ("/usr/src/old/", "/usr/src/new/", "usr/src/new/mm/dmapool.c")):
            change = self.assert_taken("a", self.traditional(before, after))
            self.assertIn(f"{self.folder}/a: {name} is taken for mm/dmapool.c",
                          change.told)
        bare = self.pool_only().replace("a/mm/", "a/").replace("b/mm/", "b/")
        for text in bare, bare.replace("a/", "").replace("b/", ""):
            self.assertIn("dmapool.c is taken for mm/dmapool.c",
                          self.assert_taken("bare", text).told[1])
        orig = "--- mm/dmapool.c.orig\n+++ mm/dmapool.c\n@@"
        self.assert_taken("orig", orig + self.pool_only().partition("@@")[2])

    def test_pipes(self):
        read, end = os.pipe()
        writer = threading.Thread(target=self.write_all, args=(end,))
        writer.start()
        self.assert_after(self.change(Path(f"/dev/fd/{read}")))
        writer.join()
        os.close(read)

    def write_all(self, end: int) -> None:
        with open(end, "w", encoding="utf-8") as pipe:
            pipe.write(self.diff() + "\n" * 100_000)

    def test_pipes_without_an_end(self):
        os.mkfifo(self.folder / "fifo")
        with mock.patch.object(intake, "PATIENCE", 0.05):
            self.assert_refused("fifo for 0.05 s: start what writes to it",
                                self.folder / "fifo")
        with mock.patch.object(intake, "LARGEST", 1 << 20):
            self.assert_refused("/dev/zero is larger than 1 MiB", Path("/dev/zero"))
            self.assert_text_refused("is larger than 1 MiB", gzip.compress(bytes(2**21)))
        self.assert_refused("/dev/null is empty", Path("/dev/null"))


# --- what has to be overlooked ---------------------------------------------------------

class Leeway(Sources):
    def told(self, edit: Callable[[str], str], *words: str) -> list[str]:
        """What is said of the patch with an edit made to it."""
        text = self.pool_only(*words)
        self.assertNotEqual(edit(text), text)
        return self.assert_taken("a", edit(text)).told[1:]

    def test_fuzz(self):
        for number, line in enumerate(("\tline 0;", "\tline 1;"), 1):
            self.assertEqual(self.told(lambda text: text.replace(
                f" {line}\n", " \tanother release's;\n")),
                [f"{self.folder}/a: applied with fuzz {number}"])

    def test_the_line_beside_the_change_has_to_match(self):
        self.assert_text_refused("does not apply: patch failed: mm/dmapool.c:2: name the "
                                 "--tree", self.pool_only().replace(
                                     " \tline 2;\n", " \tanother release's;\n"))

    def test_offset(self):
        self.assertEqual(self.told(lambda text: text.replace(
            "@@ -19,7 +19,7 @@", "@@ -119,7 +119,7 @@")),
            [f"{self.folder}/a: applied with an offset of 100 lines"])

    def test_no_context(self):
        self.assertEqual(self.told(lambda text: text + "-- \n", "-U0"), [
            f"{self.folder}/a: applied with hunks that lack context"])

    def test_lines_without_context_go_where_they_belong(self):
        added = POOL.replace("\tline 4;\n", "\tline 4;\n\tone more;\n")
        write(self.tree / "mm/dmapool.c", added)
        patch = git(self.tree, "diff", "-U0")
        write(self.tree / "mm/dmapool.c", POOL)
        change = self.change(write(self.folder / "a", patch))
        self.assertEqual(change.new.path.read_text(), added)
        self.assertEqual(change.told[1:], [
            f"{self.folder}/a: applied with hunks that lack context"])

    def test_what_the_user_prefers_does_not_matter(self):
        config = write(self.folder / "config", "[apply]\n\twhitespace = error-all\n"
                       "\tignoreWhitespace = change\n")
        trailing = self.pool_only().replace("+\tline three;", "+\tline three; ")
        with mock.patch.dict(os.environ, {"GIT_CONFIG_GLOBAL": str(config)}):
            change = self.change(write(self.folder / "a", trailing))
            self.assert_text_refused("has other tabs and blanks",
                                     self.diff().replace("\t", "    "))
        self.assertIn("\tline three; \n", change.new.path.read_text())


# --- what is refused -------------------------------------------------------------------

class Refused(Sources):
    def test_what_is_no_patch(self):
        quoted = "".join(f"> {line}\n" for line in self.diff().splitlines())
        merge = "diff --cc mm/dmapool.c\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,2 -1 +2\n"
        for words, data in (
                ("is empty", ""), ("is empty", gzip.compress(b"")),
                ("holds an address only", "https://example.org/a.patch\n"),
                ("is HTML", f"<!DOCTYPE html>\n<pre>\n{self.diff()}</pre>\n"),
                ("is HTML", f"Subject: a\nContent-Type: text/html\n\n<div>{quoted}"),
                ("is a git bundle", "# v2 git bundle\n0123 refs/heads/main\n\nPACK"),
                ("is an archive", b"PK\3\4" + bytes(99)),
                ("is an archive", gzip.compress(bytes(257) + b"ustar" + bytes(250))),
                ("is no text", b"\x7fELF\0\1"),
                ("is the combined diff of a merge", merge),
                ("has a terminal's colours in it", self.diff("--color=always")),
                ("only quotes a patch", f"Subject: Re: a\n\nWhy?\n{quoted}"),
                ("has no context and names no file", "3c3\n< a\n---\n> b\n"),
                ("lacks the lines that name the file", "@@ -1 +1 @@\n-a\n+b\n"),
                ("holds no patch", "hello\n"), ("holds no patch", "From a\n"),
                ("holds no patch", POOL)):
            self.assert_text_refused(words, data)
        self.assert_refused("holds no patch", next(self.series.glob("0000*")))
        # Nor beside one that is.
        self.assert_refused("a holds no patch", self.series,
                            write(self.folder / "a", "hello"))

    def test_what_cannot_be_read(self):
        (self.folder / "empty").mkdir()
        self.assert_refused("holds no .patch", self.folder / "empty")
        self.assert_refused("cannot be read (No such file", self.folder / "none")
        self.assert_refused("is an address", Path("https://example.org/a.patch"))
        parts = "".join(f"Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n"
                        for n in range(5000))
        self.assert_text_refused("is nested too deeply", f"Subject: a\n{parts}")

    def test_what_was_damaged_on_its_way(self):
        diff = self.diff()
        self.assert_text_refused("cannot be read (corrupt patch",
                                 diff[:diff.index(" \tline 6;")])
        self.assert_text_refused("a mailer wrapped its lines", diff.replace(
            "-\tline 3;", "-\tline\n3;"))
        for text in diff.replace("\t", "    "), diff.replace("\n \t", "\n  \t"):
            self.assert_text_refused("has other tabs and blanks than the tree", text)

    def test_what_does_not_fit(self):
        self.assert_text_refused("the tree has this change already", self.diff("-R"))
        first = next(self.series.glob("0001*"))
        self.assert_refused("the tree has this change already", first, first)
        self.assert_text_refused(
            "does not apply: patch failed: mm/dmapool.c:2: name the --tree",
            self.diff().replace("line 3;", "line iii;"))
        self.assert_text_refused("already exists", DIFF + "new file mode 100644\n--- "
                                 "/dev/null\n+++ b/mm/dmapool.c\n@@ -0,0 +1 @@\n+a\n")

    def test_a_patch_to_another_file(self):
        other = self.diff(only="include")
        self.assert_text_refused("changes nothing in mm/dmapool.c (include/dmapool.h)",
                                 other)
        self.assert_text_refused("(drivers/dmapool.c)", self.pool_only().replace(
            "/mm/", "/drivers/"))
        mode = "old mode 100644\nnew mode 100755\n"
        self.assert_text_refused("(include/dmapool.h)", other.split("index")[0] + mode)
        self.assert_text_refused("(its text stays as it was)", DIFF + mode)
        # Beside one to the pool it is taken.
        self.assert_after(self.change(write(self.folder / "a", self.pool_only()),
                                      write(self.folder / "b", other)))

    def test_what_leaves_no_file(self):
        pool = self.tree / "mm/dmapool.c"
        git(self.tree, "mv", pool, self.tree / "mm/pool.c")
        renamed = git(self.tree, "diff", "HEAD")
        git(self.tree, "reset", "-q", "--hard")
        self.assert_text_refused("renames mm/dmapool.c", renamed)
        pool.unlink()
        deleted, briefly = git(self.tree, "diff"), git(self.tree, "diff", "-D")
        pool.symlink_to("/etc/passwd")
        link = git(self.tree, "diff")
        pool.unlink()
        write(pool, "int nothing;\n")
        other = git(self.tree, "diff")
        git(self.tree, "reset", "-q", "--hard")
        for text in deleted, briefly:
            self.assert_text_refused("deletes mm/dmapool.c", text)
        self.assert_text_refused("makes a link of mm/dmapool.c", link)
        module = f"+Subproject commit {'1' * 40}"
        self.assert_text_refused(
            "puts a submodule in place of mm/dmapool.c",
            link.replace("120000", "160000").replace("+/etc/passwd", module))
        self.assert_text_refused("does not mention dma_pool_alloc", other)

    def test_nothing_is_written_outside(self):
        out = self.folder / "out"
        for name in ("../../../out", "mm/../../../../out", str(out)):
            self.assert_taken("a", f"--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+a\n"
                              + self.pool_only())
            self.assertFalse(out.exists())


# --- ranges ----------------------------------------------------------------------------

class Ranges(Sources):
    def change(self, text: str) -> patches.Change:
        self.runs += 1
        return patches.of_range(text, self.tree, self.folder / str(self.runs))

    def test_in_all_ways(self):
        git(self.tree, "tag", "-am", "o", "o'dd|$HOME;\"#", "HEAD")
        git(self.tree, "update-ref", "refs/tags/--all", "main")
        for text in ("HEAD..main", "..main", "HEAD...main", "o'dd|$HOME;\"#..--all",
                     ":/base..main", "main~2..main@{0}"):
            self.assert_after(self.change(text))

    def test_merges(self):
        git(self.tree, "checkout", "-q", "-b", "side")
        write(self.tree / "README", "")
        git(self.tree, "add", "-A")
        git(self.tree, "commit", "-qm", "beside")
        git(self.tree, "merge", "-q", "-m", "both", "main")
        for text in "side^!", "side^-", "side^..side":
            self.assert_after(self.change(text))
        git(self.tree, "checkout", "-q", "main~1")
        write(self.tree / "mm/dmapool.c", POOL + "later\n")
        git(self.tree, "commit", "-qam", "parted")
        # Of what parted, what the second did since.
        change = self.change("HEAD...main")
        self.assertEqual(change.new.path.read_bytes(), self.after)
        self.assertIn("line three;", change.base.path.read_text())
        self.assertNotIn("later", change.base.path.read_text())

    def test_a_tree_in_a_repository_and_a_bare_one(self):
        outer = self.folder / "outer"
        git(self.folder, "clone", "-q", "--bare", self.tree, self.folder / "bare")
        outer.mkdir()
        git(outer, "init", "-q")
        shutil.copytree(self.tree, outer / "linux", ignore=shutil.ignore_patterns(".git"))
        for text in POOL, self.after.decode():
            write(outer / "linux/mm/dmapool.c", text)
            git(outer, "add", "-A")
            git(outer, "commit", "-qm", "a")
        for self.tree, text in ((self.folder / "bare", "main~2..main"),
                                (outer / "linux", "HEAD~1..HEAD")):
            self.assert_after(self.change(text))

    def test_bytes_that_are_no_text_survive(self):
        for number in range(2):
            data = POOL.encode() + b"/* \xe9\xff\r\n */ %d\n" % number
            (self.tree / "mm/dmapool.c").write_bytes(data)
            git(self.tree, "commit", "-qam", "bytes")
        change = self.change("HEAD^..HEAD")
        self.assertEqual(change.new.path.read_bytes(), data)

    def test_a_repository_of_somebody_else(self):
        with mock.patch.dict(os.environ, {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}):
            with self.assertRaisesRegex(Unusable, "does not trust .*linux, which.*: if "
                                        "you do, run git config --global --add "
                                        "safe.directory .*linux$"):
                self.change("HEAD..main")

    def test_another_repository_that_a_hook_is_run_for(self):
        with mock.patch.dict(os.environ, {"GIT_DIR": str(self.folder / "none")}):
            self.assert_after(self.change("HEAD..main"))

    def test_what_cannot_be_used(self):
        git(self.tree, "rm", "-q", "mm/dmapool.c")
        git(self.tree, "commit", "-qm", "gone")
        git(self.tree, "checkout", "-q", "--orphan", "other")
        git(self.tree, "commit", "-qm", "other", "--allow-empty")
        for text, words in (("main", "is no range"), ("", "is no range"),
                            ("main...other", "share no commit"),
                            ("--all", "has no revision '--all'"),
                            ("none..main", "has no revision 'none'"),
                            ("main..--help", "has no revision '--help'"),
                            ("main..main", "changes nothing"),
                            ("main..other", "has no mm/dmapool.c at")):
            with self.assertRaises(Unusable, msg=text) as caught:
                self.change(text)
            self.assertIn(words, str(caught.exception))
        shutil.rmtree(self.tree / ".git")
        with self.assertRaisesRegex(Unusable, "not a git repository.*: name the kernel"):
            self.change("HEAD..main")


if __name__ == "__main__":
    unittest.main()
