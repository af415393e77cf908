//! What is for sale.

pub(super) struct Product {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) cents: u64,
    /// The path of a 24 by 24 drawing in lines.
    pub(super) drawing: &'static str,
}

pub(super) const GOODS: [Product; 4] = [
    Product {
        id: "notebook",
        name: "Notebook",
        about: "Dotted paper, 120 pages, lies flat.",
        cents: 950,
        drawing: "M7 3h11a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM9 3v18M12 8h4M12 12h4",
    },
    Product {
        id: "pencils",
        name: "Pencils",
        about: "Three of cedar, medium soft.",
        cents: 420,
        drawing: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4M5 15l4 4",
    },
    Product {
        id: "mug",
        name: "Mug",
        about: "Stoneware, holds a third of a litre.",
        cents: 1400,
        drawing: "M5 8h11v9a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3zM16 10h2a2 2 0 0 1 2 2v1a2 2 0 0 1-2 2h-2M8 5V3M11 5V3",
    },
    Product {
        id: "lamp",
        name: "Desk lamp",
        about: "Warm light, a brass switch.",
        cents: 3900,
        drawing: "M9 3h6l4 9H5zM12 12v8M8 20h8",
    },
];

pub(super) fn find(id: &str) -> Option<&'static Product> {
    GOODS.iter().find(|product| product.id == id)
}

/// Cents as a price.
pub(super) fn euros(cents: u64) -> String {
    format!("€ {}.{:02}", cents / 100, cents % 100)
}
