// A path, and the one that it had before it was renamed. Each is isolated, whichever direction its letters have.

export function Path({ path, oldPath, isDirectory }) {
  return (
    <>
      {oldPath !== undefined && (
        <>
          <bdi class="old">{oldPath}</bdi>
          {' → '}
        </>
      )}
      <bdi>{path}</bdi>
      {isDirectory && '/'}
    </>
  );
}
