"""AWS's query protocol: flat parameters in, XML out."""

from xml.sax.saxutils import escape


def one(params, key, default=None):
    """A parameter's value; MiniStack holds the values of each name as a list."""
    value = params.get(key, default)
    return value[0] if isinstance(value, list) else value


def nested(params, prefix):
    """The parameters below a prefix as dicts and lists: Metrics.member.1.Id=a becomes [{"Id": "a"}]. {} when there are
    none."""
    root = {}
    for key in params:
        if key.startswith(prefix + "."):
            *path, last = key[len(prefix) + 1 :].split(".")
            node = root
            for part in path:
                node = node.setdefault(part, {})
            node[last] = one(params, key)
    return _fold(root)


def _fold(node):
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        node = node["member"]
    if node and all(key.isdigit() for key in node):
        return [_fold(node[key]) for key in sorted(node, key=int)]
    return {key: _fold(value) for key, value in node.items()}


def xml(value, item="member"):
    """Dicts and lists as elements; what is None is left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "".join(f"<{key}>{xml(child, item)}</{key}>" for key, child in value.items() if child is not None)
    if isinstance(value, (list, tuple)):
        return "".join(f"<{item}>{xml(child, item)}</{item}>" for child in value)
    return escape(str(value))


def after(actions, action, then):
    """Calls then(params, response) when an action of the table has succeeded; what then returns replaces the
    response."""
    stock = actions[action]

    def patched(params):
        response = stock(params)
        return (then(params, response) or response) if response[0] == 200 else response

    actions[action] = patched
