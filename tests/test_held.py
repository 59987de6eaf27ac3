from collections import deque

import numpy as np

from nnbook.held import held, reached


class Node:
    def __init__(self, *parts, **named):
        self.parts = list(parts)
        vars(self).update(named)

    def follow(self):
        return "as all do"


class Own(Node):
    def follow(self):
        return "in its own way"


def test_attributes_and_containers_are_looked_through_in_order():
    owner = Node(1, (2, {"a": 3}), other=deque([4]), last={5}, text="6", number=7.5)
    assert list(held(owner, int)) == [1, 2, 3, 4, 5]


def test_slots_and_arrays_of_objects_are_looked_through():
    class Slotted(Node):
        __slots__ = ("first", "unset")

    class Below(Slotted):
        __slots__ = "__single"

    owner = Below(np.array([[Node(), None], [Node(), 3]]))
    owner.first, owner._Below__single = Node(), Node()
    assert len(list(held(owner, Node))) == 4


def test_what_is_held_twice_comes_twice_and_a_list_that_holds_itself_ends():
    owner = Node(1, 1)
    owner.parts += [owner.parts, 2]
    assert list(held(owner, int)) == [1, 1, 2]


def test_what_a_found_object_holds_is_not_looked_for():
    inner = Node(Node())
    assert list(held(Node(inner), Node)) == [inner]


def test_everything_is_reached_once_however_deep_and_in_circles():
    leaf, last, root = Node(), Node(), Node()
    middle = Node(leaf, parent=root)
    root.parts = [middle, leaf, middle, last]
    assert [each for each, _ in reached(root, Node, "follow")] == [root, middle, leaf, last]
    deep = Node()
    for _ in range(5000):
        deep = Node(deep)
    assert sum(1 for _ in reached(deep, Node, "follow")) == 5001


def test_one_with_its_own_way_is_reached_and_not_entered():
    inside = Node()
    own, instance = Own(inside), Node(inside, follow=lambda: "its own, too")
    assert list(reached(Node(own, instance), Node, "follow"))[1:] == [(own, True), (instance, True)]
    assert list(reached(own, Node, "follow")) == [(own, False), (inside, False)]
