// A room to look at.
import { Canvas } from "@react-three/fiber";
import { useAvatars } from "./use-avatars.ts";

const server = new URLSearchParams(location.search).get("server") ?? "http://localhost:8080";

function Everyone() {
  const avatars = useAvatars(server);
  return avatars && <primitive object={avatars} />;
}

export function App() {
  return (
    <Canvas
      camera={{ position: [0, 1.3, 5], fov: 40 }}
      onCreated={({ camera }) => camera.lookAt(0, 0.9, 0)}
    >
      <color attach="background" args={["#dfe3ee"]} />
      <hemisphereLight args={["white", "dimgray", 3]} />
      <gridHelper args={[20, 20]} />
      <Everyone />
    </Canvas>
  );
}
