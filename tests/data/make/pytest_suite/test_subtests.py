import unittest


class TestSub(unittest.TestCase):
    def test_many(self):
        for i in range(3):
            with self.subTest("odd - or even", i=i):
                self.assertEqual(i % 2, 0)


def test_builtin(subtests):
    for i in range(3):
        with subtests.test(msg="number", i=i):
            assert i != 2, "two is out"


def test_after():
    assert "x" == "y"
