"""A machine that uses objectives over HTTP as three departments do, against a model.

The law: what the service answers is foretold by the model before it is asked, and after
every step what is stored, and what anybody is shown, is what the model says.
"""

import pytest

pytest.register_assert_rewrite(f"{__name__}.reading", f"{__name__}.stored")
