"""The rooms put together: navigation, workbench, customer list and page, events, the REST root."""
