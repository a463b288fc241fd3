/** Shows the verdicts of one kind that contain a word. Without it, all are shown. */
export const SCRIPT = `
const buttons = [...document.querySelectorAll('[data-show]')];
const word = document.querySelector('input');
function show() {
  const kind = buttons.find((button) => button.getAttribute('aria-pressed') === 'true').dataset.show;
  const wanted = word.value.trim().toLowerCase();
  let seen = 0;
  for (const section of document.querySelectorAll('main section')) {
    let here = 0;
    for (const item of section.querySelectorAll('details')) {
      item.hidden = !((kind === 'all' || item.dataset.kind === kind) && item.textContent.toLowerCase().includes(wanted));
      if (!item.hidden) here++;
    }
    section.hidden = here === 0;
    seen += here;
  }
  document.getElementById('nothing').hidden = seen > 0;
}
for (const button of buttons)
  button.addEventListener('click', () => {
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
    show();
  });
word.addEventListener('input', show);
show();
`;
