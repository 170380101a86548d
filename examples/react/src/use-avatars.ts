// useAvatars: everyone else in a room, connected while the component is mounted.
import { useFrame } from "@react-three/fiber";
import { connect } from "avatar-sync/client";
import { RoomAvatars } from "avatar-sync/three";
import { useEffect, useState } from "react";

/** Returns what a `<primitive>` shows; null until the room is connected to. Call it inside `<Canvas>`. */
export function useAvatars(address: string): RoomAvatars | null {
  const [avatars, setAvatars] = useState<RoomAvatars | null>(null);
  useEffect(() => {
    const room = connect(address, { coordinateSystem: "gltf" });
    room.on("state", (state) => {
      if (state.name === "closed" && state.error !== null) console.error(state.error);
    });
    const everyone = new RoomAvatars(room);
    setAvatars(everyone);
    return () => {
      setAvatars(null);
      everyone.dispose();
      room.close();
    };
  }, [address]);
  useFrame(() => avatars?.update(performance.now()));
  return avatars;
}
