// A view that is one table of what the listener was asked for: its head, and why there is no table.

/**
 * @param {object} props
 * @param {string} props.name of the view, in lower case
 * @param {string} props.list what was asked for, as the beginning of a sentence
 * @param {any} props.summary of the answer, for the head
 * @param {[{value?: any, error?: any}, any]} props.polled of `usePolled`
 * @param {{said: string}} props.actions of `useActions`
 * @param {(error: any) => string} props.help what helps against an error
 */
export function TableView({ name, title, list, summary, polled, actions, help, open, children }) {
  const [{ value, error }, poll] = polled;
  return (
    <section class={`view ${name}`} aria-labelledby={`${name}-title`}>
      <div class="view-head">
        <h1 id={`${name}-title`}>{title}</h1>
        {value && (
          <p class="quiet">
            {summary}
            {!open && ' – as of the last answer'}
          </p>
        )}
        <p role="status" class="said">
          {actions.said}
        </p>
      </div>
      {error && open && (
        <div class="card problem-card" role="alert">
          <p>
            <strong>{list} cannot be shown:</strong> {error.message}. {help(error)}
          </p>
          <button type="button" onClick={() => poll.current.now()}>
            Ask again
          </button>
        </div>
      )}
      {!value && !error && <p class="quiet">{open ? 'Asking…' : 'Not known yet.'}</p>}
      {value && <div class="card action-card">{children}</div>}
    </section>
  );
}
