// A part of the workspace's view: what one fills in at its head, and what is there.

/** @param {{name: string, title: string, children: any}} props `name` is its class */
export function Part({ name, title, children }) {
  return (
    <section class={name} aria-labelledby={`${name}-title`}>
      <h2 id={`${name}-title`} class="sr">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** The head: a field and its buttons, of which the first takes Enter. */
export function Bar({ onSubmit, children }) {
  const submitted = (event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form class="bar" onSubmit={submitted}>
      {children}
    </form>
  );
}
