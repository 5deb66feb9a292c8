"""The plants of a run: those of the demo, and larger ones for more orders than they would make in a year."""
import json

from .common import TOP

PLANTS = {"compressor": "plt_suzhou-1", "pc": "plt_leipzig-1"}
ORDERS_EACH = 2000  # for as many the plants of the demo are large enough


def size_for(orders):
    return max(1, -(-orders // ORDERS_EACH))


def enlarged(plant, size):
    """The same plant with `size` of each of its machines and operators. One of size 1 is as it was."""
    equipment = [{**one, "equipmentId": one["equipmentId"] + (f"-{n}" if n > 1 else "")}
                 for n in range(1, size + 1) for one in plant["equipment"]]
    operators = [{**crew, "count": crew["count"] * size} for crew in plant["operators"]]
    return {**plant, "equipment": equipment, "operators": operators}


def product(name, size):
    """What is published of a product: its plant, and its model's package."""
    folder = TOP / "deploy/products" / name
    package = json.loads((folder / "product.json").read_text())
    package["uvl"] = (folder / "model.uvl").read_text()
    return enlarged(json.loads((folder / "plant.json").read_text()), size), package
