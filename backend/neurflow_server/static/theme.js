// Before the page is painted: the colours that the person chose.
{
  const theme = localStorage.getItem("neurflow-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
