"""The built-in rules, one TOML file per kind of trouble."""
