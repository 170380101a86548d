import { connect, createPose, DecodeError, RoomError } from "avatar-sync/client";
import type { RemotePlayer } from "avatar-sync/client";
import { decodeBinary, encodeBinary, identityFrame } from "avatar-sync/codec";
import { bindAvatar, capturePose } from "avatar-sync/three";
import { useEffect, useState } from "react";
import { Object3D } from "three";

const skeleton = { boneNames: ["Hips"], blendShapeNames: [] };

function capturedModel(): Object3D {
  const model = new Object3D();
  const { pose } = capturePose(model);
  model.position.fromArray(pose.root);
  return model;
}

export default function App() {
  const [players, setPlayers] = useState<readonly RemotePlayer[]>([]);
  useEffect(() => {
    const room = connect("/", { player: "ann", coordinateSystem: "gltf" });
    const list = () => setPlayers([...room.players.values()]);
    const stops = [room.on("joined", list), room.on("left", list)];
    room.ready.catch((error: RoomError | DecodeError) => console.error(error.code));
    const avatar = bindAvatar(capturedModel());
    avatar.apply(skeleton, createPose(skeleton));
    return () => {
      stops.forEach((stop) => stop());
      avatar.dispose();
      room.close();
    };
  }, []);
  const { timestamp } = decodeBinary(encodeBinary(identityFrame()));
  return (
    <ul data-timestamp={timestamp}>
      {players.map(({ id }) => (
        <li key={id}>{id}</li>
      ))}
    </ul>
  );
}
