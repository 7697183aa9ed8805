"""Tests that fail in every way that unittest knows."""

import unittest


class T(unittest.TestCase):
    def test_subtests(self):
        for i in range(4):
            with self.subTest("a - b", i=i, s="x y"):
                self.assertEqual(i % 2, 0)

    def test_lists(self):
        """It says what it does - in words."""
        self.assertEqual([1, 2], [1, 3], "lists\nof two")

    def test_error(self):
        try:
            {}["gone"]
        except KeyError as error:
            raise OSError(28, "No space left on device") from error

    @unittest.expectedFailure
    def test_surprise(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

    @unittest.skip("no need")
    def test_skip(self):
        pass

    def test_good(self):
        print("FAIL: test_printed (mod.Printed)")


class S(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("setUpClass failed")

    def test_never(self):
        pass
