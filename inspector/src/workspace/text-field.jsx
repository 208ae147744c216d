// A field for a path, a command or a message, in which nothing is corrected or filled in.

/** @param {{id: string, label: string, isHidden?: boolean, value: string, onValue: (value: string) => void}} props and those of an input */
export function TextField({ id, label, isHidden, onValue, ...rest }) {
  return (
    <>
      <label class={isHidden ? 'sr' : undefined} for={id}>
        {label}
      </label>
      <input
        id={id}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={(event) => onValue(event.currentTarget.value)}
        {...rest}
      />
    </>
  );
}
