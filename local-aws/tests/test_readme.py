import re
import sys
import unittest

from server import LOCAL_AWS

sys.path.insert(0, str(LOCAL_AWS))
import patches  # noqa: E402

REQUIREMENTS = [LOCAL_AWS / "requirements.txt", LOCAL_AWS / "requirements-cli.txt"]


class Documents(unittest.TestCase):
    def test_the_readme_lists_every_patch_as_its_docstring_says(self):
        rows = [f"| {service} | {' '.join(patch.__doc__.split())} |" for service, patch in patches.all_patches()]
        table = re.search(r"\n\| -+ \| -+ \|\n((?:\|.*\n)+)", (LOCAL_AWS / "README.md").read_text())
        told = [re.sub(r" +", " ", row) for row in table[1].splitlines()]
        self.assertEqual(told, rows, "the table should be:\n" + "\n".join(rows))

    def test_the_pinned_ministack_is_the_one_that_the_patches_fit(self):
        self.assertIn(f"ministack=={patches.MINISTACK} ", REQUIREMENTS[0].read_text())

    def test_every_requirement_is_pinned_with_hashes_and_names_no_host(self):
        for file in REQUIREMENTS:
            text = file.read_text()
            for requirement in re.split(r"\n(?! )", text.strip()):
                self.assertRegex(requirement, r"^[a-z0-9-]+==\S+ [^\n]*\\\n    --hash=sha256:[0-9a-f]{64}( |$)")
            self.assertNotRegex(text, r"://|--index|--find|--trusted")
