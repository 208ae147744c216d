// What stands in the place of a view that has thrown. The other views go on.

import { Component } from 'preact';

export class Boundary extends Component {
  state = { error: undefined };

  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidCatch(error) {
    console.error(error);
  }

  render({ children }, { error }) {
    if (error === undefined) return children;
    return (
      <section class="view">
        <div class="card problem-card" role="alert">
          <p>
            <strong>This view is broken:</strong> {String(error?.message ?? error)}. The other views
            go on. Please report it, with what the browser's console says.
          </p>
          <button type="button" onClick={() => this.setState({ error: undefined })}>
            Show it again
          </button>
        </div>
      </section>
    );
  }
}
