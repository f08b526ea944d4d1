// Lets the browser save what the kernel sends; it has nothing to show.
function save({ name, type, text }) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function render({ model }) {
  const told = (content) => { if (content && content.kind === "save") save(content); };
  model.on("msg:custom", told);
  return () => model.off("msg:custom", told);
}

export default { render };
