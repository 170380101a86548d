"""Posts one player's avatar to an avatar-sync server and reads another player's, as JSON.

Prints the server's answer to each post and the avatar that it read, one JSON document a line.
"""
import argparse
import json
import math
import time

import requests


def bone(name, position, rotation):
    """A bone relative to its parent: metres, and a rotation as a quaternion x, y, z, w."""
    return {
        "name": name,
        "localPosition": dict(zip("xyz", position)),
        "localRotation": dict(zip("xyzw", rotation)),
        "localScale": {"x": 1.0, "y": 1.0, "z": 1.0},
    }


def avatar(step):
    """A body that stands still, turns its head and opens its mouth a little further each step."""
    angle = 0.05 * step
    return {
        "rootTransform": {
            "worldPosition": {"x": 1.0, "y": 2.0, "z": 3.0},
            "worldRotation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0},
            "localScale": {"x": 1.0, "y": 1.0, "z": 1.0},
        },
        "bones": [
            bone("Hips", (0.0, 0.98, -0.015), (0.0, 0.0, 0.0, 1.0)),
            # A turn by an angle around y is the quaternion of half that angle.
            bone("Head", (0.0, 0.6, 0.02), (0.0, math.sin(angle / 2), 0.0, math.cos(angle / 2))),
        ],
        "blendShapes": [{"name": "jawOpen", "weight": 0.1 * (step % 11)}],
        "timestamp": time.time(),
    }


def checked(response):
    """The answer's JSON; the program ends with the server's own words if it refused."""
    if not response.ok:
        raise SystemExit("%s %s: %s" % (response.status_code, response.url, response.text))
    return response.json()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--url", default="http://localhost:8080", help="the server")
    parser.add_argument("--player", default="player1", help="the player to post")
    parser.add_argument("--read", default="player2", help="the player to read")
    parser.add_argument("--count", type=int, default=1, help="how often to post and read")
    parser.add_argument("--hz", type=float, default=30.0, help="posts a second")
    args = parser.parse_args()

    for step in range(args.count):
        if step > 0:
            time.sleep(1 / args.hz)

        # Send avatar data
        data = avatar(step)
        response = requests.post(args.url + "/" + args.player, json=data)
        print(json.dumps(checked(response)))

        # Get avatar data
        response = requests.get(args.url + "/" + args.read)
        avatar_data = checked(response)
        print(json.dumps(avatar_data))


if __name__ == "__main__":
    main()
