// The lists of rooms, and of the players of a room.
import { jsonAnswer } from "./answer.ts";
import { HttpError } from "./errors.ts";
import type { Route } from "./router.ts";

export const roomsRoute: Route = {
  GET: (_, { hub }) =>
    jsonAnswer({
      rooms: Array.from(hub.rooms, (room) => ({ id: room.id, players: room.playerCount })),
    }),
};

export const roomRoute: Route = {
  GET: (request, { hub, now }) => {
    const id = request.params["room"];
    const room = hub.room(id);
    if (room === undefined) throw new HttpError(404, "unknown_room", `there is no room ${id}`);
    return jsonAnswer(room.status(now()));
  },
};
