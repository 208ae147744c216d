// What xterm.js gets in place of a <style> element: a style sheet of the document's object model, which needs no allowance of the
// page's policy. `scripts/inspector/xterm.cjs` puts it there.

/** A node that takes the place of the element, and has what xterm.js uses of one. */
export function makeSheet() {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const place = document.createComment('');
  Object.defineProperty(place, 'textContent', {
    set(text) {
      sheet.replaceSync(text);
    },
  });
  place.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    Comment.prototype.remove.call(place);
  };
  return place;
}
