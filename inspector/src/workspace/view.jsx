// The workspace: its terminals, files that change, snapshots and git, each a tab.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ChangesTab } from './changes/view.jsx';
import { GitTab } from './git/view.jsx';
import { SnapshotsTab } from './snapshots/view.jsx';
import { TerminalsTab } from './terminals/view.jsx';

const TABS = [
  { id: 'terminals', name: 'Terminals', Tab: TerminalsTab },
  { id: 'changes', name: 'Changes', Tab: ChangesTab },
  { id: 'snapshots', name: 'Snapshots', Tab: SnapshotsTab },
  { id: 'git', name: 'Git', Tab: GitTab },
];

export function WorkspaceView({ workspace, state, isDark }) {
  const [tab, setTab] = useState(workspace.tab ?? 0);
  const list = useRef(null);
  // Before its tabs ask for something.
  useLayoutEffect(() => {
    workspace.enter();
    return () => workspace.leave();
  }, [workspace]);

  const choose = (index) => {
    workspace.tab = index;
    setTab(index);
  };
  const pressed = (event) => {
    const to = { ArrowLeft: tab - 1, ArrowRight: tab + 1, Home: 0, End: TABS.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + TABS.length) % TABS.length;
    choose(index);
    list.current.children[index].focus();
  };

  const { id, Tab } = TABS[tab];
  return (
    <div class="workspace">
      <h1 class="sr">Workspace</h1>
      <div class="tabs" role="tablist" aria-label="Workspace" ref={list} onKeyDown={pressed}>
        {TABS.map(({ id, name }, index) => (
          <button
            type="button"
            role="tab"
            key={id}
            id={`tab-${id}`}
            aria-selected={tab === index}
            aria-controls={tab === index ? `panel-${id}` : undefined}
            tabIndex={tab === index ? 0 : -1}
            onClick={() => choose(index)}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="panel" role="tabpanel" key={id} id={`panel-${id}`} aria-labelledby={`tab-${id}`}>
        <Tab workspace={workspace} open={state.name === 'open'} isDark={isDark} />
      </div>
    </div>
  );
}
