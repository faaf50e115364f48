//! The icons of the client: one stroke, a 20 by 20 grid, in the colour of the text around them.
//!
//! Each icon is one path in the program. A sprite would be one more request, and would contain icons that are not used.

use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// A triangle, for what needs attention.
    Alert,
    Archive,
    ArrowDown,
    ArrowRight,
    ArrowUp,
    At,
    /// A crossed circle, for failures.
    Bad,
    Bolt,
    Calendar,
    Chat,
    Check,
    Clock,
    Copy,
    Cross,
    Down,
    Download,
    Eye,
    /// A pause sign, for calls that wait for an approval.
    Hand,
    Info,
    Key,
    Label,
    Laptop,
    Left,
    List,
    /// The logo: two linked rings.
    Mark,
    Menu,
    Moon,
    /// Three dots, for a menu.
    More,
    /// A sheet with lines, for a task with notes.
    Notes,
    Offline,
    Out,
    Panel,
    Pencil,
    Phone,
    Pin,
    Play,
    Plus,
    /// Three bars of three.
    PriorityHigh,
    /// One bar of three.
    PriorityLow,
    /// Two bars of three.
    PriorityMedium,
    PriorityUrgent,
    Queue,
    Repeat,
    Retry,
    Right,
    Screen,
    Search,
    Settings,
    Slash,
    Stop,
    Subtask,
    Sun,
    Tablet,
    Tasks,
    Trash,
    Undo,
    Week,
}

impl Icon {
    /// The icon at 18 px, beside body text. It has no accessible name: the text beside it or the control around it has one.
    pub(crate) fn html(self) -> Html {
        self.svg("i")
    }

    /// The icon at 15 px, beside small text.
    pub(crate) fn small(self) -> Html {
        self.svg("i i-s")
    }

    /// The icon at 22 px, in the tab bar and lists of devices.
    pub(crate) fn large(self) -> Html {
        self.svg("i i-l")
    }

    /// The icon at 18 px with one more class, such as `ok` or `bad` for a colour.
    pub(crate) fn classed(self, class: &'static str) -> Html {
        self.svg(format!("i {class}"))
    }

    fn svg(self, class: impl Into<AttrValue>) -> Html {
        let class: AttrValue = class.into();
        html! {
            <svg {class} viewBox="0 0 20 20" aria-hidden="true">
                <path d={self.path()} />
                if let Some(pale) = self.pale_path() {
                    <path class="pale" d={pale} />
                }
            </svg>
        }
    }

    /// The `d` attribute of the path.
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M10 4 2.8 16h14.4zM10 8.5v3.5M10 14.2h.01",
            Self::Archive => "M3.5 4.5h13v3h-13zM4.5 7.5v7a1.5 1.5 0 0 0 1.5 1.5h8a1.5 1.5 0 0 0 1.5-1.5v-7M8.5 10.5h3",
            Self::ArrowDown => "M10 4v12M5.5 11.5 10 16l4.5-4.5",
            Self::ArrowRight => "M4 10h12M11.5 5.5 16 10l-4.5 4.5",
            Self::ArrowUp => "M10 16V4M5.5 8.5 10 4l4.5 4.5",
            Self::At => {
                "M7.2 10a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0 -5.6 0M12.8 7.2v3.6a2 2 0 0 0 3.7 0V10a6.5 6.5 0 1 0-2.6 5.2"
            }
            Self::Bad => "M3.5 10a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0M7.8 7.8l4.4 4.4M12.2 7.8l-4.4 4.4",
            Self::Bolt => "M11 3 5 11.2h4.5L9 17l6-8.2h-4.5z",
            Self::Calendar => {
                "M5.8 4.8h8.4a2 2 0 0 1 2 2v7.4a2 2 0 0 1 -2 2h-8.4a2 2 0 0 1 -2 -2v-7.4a2 2 0 0 1 2 -2zM3.8 8.5h12.4M7 3.2v3M13 3.2v3"
            }
            Self::Chat => {
                "M4 5.5A1.5 1.5 0 0 1 5.5 4h9A1.5 1.5 0 0 1 16 5.5v6a1.5 1.5 0 0 1-1.5 1.5H9l-3.5 3v-3A1.5 1.5 0 0 1 4 11.5z"
            }
            Self::Check => "M4.5 10.5l3.7 3.7 7.3-8",
            Self::Clock => "M3.5 10a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0M10 6.3V10l2.5 1.6",
            Self::Copy => {
                "M9 7h5a2 2 0 0 1 2 2v5a2 2 0 0 1 -2 2h-5a2 2 0 0 1 -2 -2v-5a2 2 0 0 1 2 -2zM13 7V5.5A1.5 1.5 0 0 0 11.5 4h-6A1.5 1.5 0 0 0 4 5.5v6A1.5 1.5 0 0 0 5.5 13H7"
            }
            Self::Cross => "M5.5 5.5l9 9M14.5 5.5l-9 9",
            Self::Down => "M5 8l5 5 5-5",
            Self::Download => "M10 3.5v9M6.5 9.5 10 13l3.5-3.5M4 16.5h12",
            Self::Eye => {
                "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM7.8 10a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0 -4.4 0"
            }
            Self::Hand => "M3.5 10a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0M8.3 7.5v5M11.7 7.5v5",
            Self::Info => "M3.5 10a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0M10 9.3v4M10 6.7h.01",
            Self::Key => "M4 13a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M9.2 10.8l6.3-6.3M13 7l2 2M11.5 8.5l1.5 1.5",
            Self::Label => "M4 4h5.5l6.6 6.6a1.2 1.2 0 0 1 0 1.7l-3.8 3.8a1.2 1.2 0 0 1-1.7 0L4 9.5zM7.2 7.2h.01",
            Self::Laptop => {
                "M5.5 5h9a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1 -1.5 1.5h-9a1.5 1.5 0 0 1 -1.5 -1.5v-5a1.5 1.5 0 0 1 1.5 -1.5zM2.5 15.5h15"
            }
            Self::Left => "M11.8 5l-5 5 5 5",
            Self::List => "M7.5 5.5h8.5M7.5 10h8.5M7.5 14.5h8.5M4 5.5h.01M4 10h.01M4 14.5h.01",
            Self::Mark => {
                "M2.25 10a4.75 4.75 0 1 0 9.5 0a4.75 4.75 0 1 0 -9.5 0M8.25 10a4.75 4.75 0 1 0 9.5 0a4.75 4.75 0 1 0 -9.5 0"
            }
            Self::Menu => "M3.5 6h13M3.5 10h13M3.5 14h13",
            Self::More => "M4.5 10h.01M10 10h.01M15.5 10h.01",
            Self::Moon => "M15.8 11.8A6.3 6.3 0 1 1 8.2 4.2a5 5 0 0 0 7.6 7.6z",
            Self::Notes => "M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3",
            Self::Offline => {
                "M3.5 3.5l13 13M6.2 15.5h7.3M5.8 8.3A3.7 3.7 0 0 0 6.2 15.5M8.3 5.6a4.2 4.2 0 0 1 5.9 3.3 3.3 3.3 0 0 1 2.2 5"
            }
            Self::Out => "M8 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16H8M12.5 6.5 16 10l-3.5 3.5M16 10H8",
            Self::Panel => "M5.5 4.5h9a2 2 0 0 1 2 2v7a2 2 0 0 1 -2 2h-9a2 2 0 0 1 -2 -2v-7a2 2 0 0 1 2 -2zM12 4.5v11",
            Self::Pencil => "M12.7 4.3a1.6 1.6 0 0 1 2.3 0l.7.7a1.6 1.6 0 0 1 0 2.3L7.5 15.5l-3.6.6.6-3.6z",
            Self::Phone => "M8 3h4a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-4a2 2 0 0 1 -2 -2v-10a2 2 0 0 1 2 -2zM9.3 14.5h1.4",
            Self::Pin => "M7 3.5h6M8 3.5v5L5.5 12h9L12 8.5v-5M10 12v4.5",
            Self::Play => "M6.5 4.8v10.4L15 10z",
            Self::Plus => "M10 4.5v11M4.5 10h11",
            Self::PriorityHigh => "M5 15v-2.5M10 15V9M15 15V5",
            Self::PriorityLow => "M5 15v-2.5",
            Self::PriorityMedium => "M5 15v-2.5M10 15V9",
            Self::PriorityUrgent => "M10 4v7.5M10 15.3v.2",
            Self::Queue => "M4 5h12M4 10h6M4 15h4M11 13.5a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M14 12.2v1.4l1 .6",
            Self::Repeat => {
                "M4.5 9.5V8A2.5 2.5 0 0 1 7 5.5h8.5M13 3l2.5 2.5L13 8M15.5 10.5V12a2.5 2.5 0 0 1-2.5 2.5H4.5M7 17l-2.5-2.5L7 12"
            }
            Self::Retry => "M15.6 8.2A6 6 0 1 0 16 11M16 4.5v3.8h-3.8",
            Self::Right => "M8.2 5l5 5-5 5",
            Self::Screen => {
                "M5 4h10a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1 -1.5 1.5h-10a1.5 1.5 0 0 1 -1.5 -1.5v-6a1.5 1.5 0 0 1 1.5 -1.5zM10 13v3M7 16h6"
            }
            Self::Search => "M4 9a5 5 0 1 0 10 0a5 5 0 1 0 -10 0M12.8 12.8l3.7 3.7",
            Self::Settings => {
                "M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M10.5 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0M5.5 14a2 2 0 1 0 4 0a2 2 0 1 0 -4 0"
            }
            Self::Slash => "M12.5 4 7.5 16",
            Self::Stop => {
                "M7 5.5h6a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1 -1.5 1.5h-6a1.5 1.5 0 0 1 -1.5 -1.5v-6a1.5 1.5 0 0 1 1.5 -1.5z"
            }
            Self::Subtask => "M5 4v7.5a2 2 0 0 0 2 2h3M10.5 13.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0",
            Self::Sun => {
                "M7 10a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5.1 5.1l1 1M13.9 13.9l1 1M5.1 14.9l1-1M13.9 6.1l1-1"
            }
            Self::Tablet => {
                "M6.5 3h7a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-7a2 2 0 0 1 -2 -2v-10a2 2 0 0 1 2 -2zM9.3 14.5h1.4"
            }
            Self::Tasks => {
                "M6.5 4h7a2.5 2.5 0 0 1 2.5 2.5v7a2.5 2.5 0 0 1 -2.5 2.5h-7a2.5 2.5 0 0 1 -2.5 -2.5v-7a2.5 2.5 0 0 1 2.5 -2.5zM7 10.2l2.2 2.2L13.2 8"
            }
            Self::Trash => "M4 6h12M8 6V4.2h4V6M5.5 6l.7 9.8h7.6l.7-9.8M8.5 9v4M11.5 9v4",
            Self::Undo => "M7.5 4.5 4 8l3.5 3.5M4 8h7.5a4.2 4.2 0 0 1 0 8.4H8",
            Self::Week => {
                "M5.8 4.8h8.4a2 2 0 0 1 2 2v7.4a2 2 0 0 1 -2 2h-8.4a2 2 0 0 1 -2 -2v-7.4a2 2 0 0 1 2 -2zM3.8 8.5h12.4M7 12.3h6"
            }
        }
    }

    /// The part that is drawn pale: the bars above the priority.
    const fn pale_path(self) -> Option<&'static str> {
        match self {
            Self::PriorityLow => Some("M10 15V9M15 15V5"),
            Self::PriorityMedium => Some("M15 15V5"),
            _ => None,
        }
    }
}

/// The animated logo, shown while the assistant works.
pub(crate) fn rings() -> Html {
    html! {
        <svg class="i rings" viewBox="0 0 20 20" aria-hidden="true">
            <circle cx="7" cy="10" r="4.75" />
            <circle cx="13" cy="10" r="4.75" />
        </svg>
    }
}
