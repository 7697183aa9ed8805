"""What goes into a history: builds of a CI, JUnit files, logs."""
