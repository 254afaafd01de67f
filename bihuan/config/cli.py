"""The `bihuan` command. Each sub-command lives in config/commands and creates or migrates what it needs."""

from importlib import import_module

import click

from bihuan import __version__

COMMANDS = {
    "ask": "Ask a question of the data and print the answer.",
    "backup": "Save everything into one file while the server serves.",
    "demo": "Set up the simulated company and serve it.",
    "doctor": "Say what is configured, reachable and writable, and what to do about what is not.",
    "import": "Load files through a mapping file.",
    "migrate": "Bring the record tables up to date.",
    "person": "Tell or erase everything that is kept of one person.",
    "restore": "Put a backup into an empty installation.",
    "serve": "Run the pages, capture and the worker.",
    "simulate": "Fill an installation with a simulated company.",
    "source": "Manage where events come from.",
    "store": "Look after the event store: status, rebuild, compact, copy, export, import.",
    "user": "Add people who can sign in.",
    "play": "See plays, and whom one would have met.",
    "work": "See, take and complete work items as a colleague.",
}


class Lazy(click.Group):
    """Sub-commands by name; a module is imported only when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, from the module of its name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"bihuan.config.commands.{cmd_name}_")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `bihuan --help`, without importing every module."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bihuan")
def main() -> None:
    """Bihuan 闭环: see what customers do, decide what to do this week, do it, and know whether it helped.

    State lives in one folder, BIHUAN_HOME (default: .bihuan in the current folder).
    """
