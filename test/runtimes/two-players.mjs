// Two players in one room, in whatever runtime this is: each sees the other move and leave. Loaded by the
// test with the client module as the server gives it.
export async function twoPlayers({ connect, createPose }, server) {
  const skeleton = { boneNames: ["Hips"], blendShapeNames: ["jawOpen"] };
  const pose = createPose(skeleton);
  pose.root.set([1, 2, 3, 0, 0, 0, 1, 1, 1, 1]);
  pose.bones.set([0, 1, 0, 0, 0, 0, 1, 1, 1, 1]);
  pose.blendShapes[0] = 1;

  const stream = `${server}/rooms/runtimes/stream`;
  const ann = connect(stream, { player: "ann", info: { coordinateSystem: "unity" } });
  const bob = connect(stream, { player: "bob", coordinateSystem: "gltf" });
  await Promise.all([ann.ready, bob.ready]);
  const left = new Promise((resolve) => bob.on("left", ({ id }) => resolve(id)));
  const message = new Promise((resolve) => bob.on("message", resolve));
  ann.send({ wave: true });

  const seen = new Map();
  while (!seen.has("ann")) {
    ann.publishPose(skeleton, pose);
    await new Promise((resolve) => setTimeout(resolve, 10));
    bob.sample(performance.now(), seen);
  }
  const { root, bones, blendShapes } = seen.get("ann");
  const result = {
    root: Array.from(root),
    hips: Array.from(bones),
    jawOpen: blendShapes[0],
    message: await message,
  };
  ann.leave();
  result.left = await left;
  bob.leave();
  return result;
}
